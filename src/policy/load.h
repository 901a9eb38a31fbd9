// SPDX-License-Identifier: Apache-2.0

/**
 * What the files of the loader share. Nothing outside this room includes it.
 *
 * A file is read from the outside in: type.c (the record and its purposes), field.c (a field and
 * its annotation), avro_type.c (its Avro type), rule.c (a transform). Each adds its faults and goes
 * on, so that one run of the loader says all that is wrong.
 */

#ifndef WINNOW_POLICY_LOAD_H
#define WINNOW_POLICY_LOAD_H

#include "winnow/policy.h"

#include <jansson.h>

enum {
    WN_NAMED = 64, ///< Named types (enum, fixed) of a schema file, at most.
};

/** The type of a policy's field. */
struct wn_avro_type {
    enum wn_avro avro;
    bool nullable;
    bool timestamp;
    unsigned fixed_bytes;       ///< FIXED.
    const char *name;           ///< FIXED, ENUM, ENUMS.
    const char *const *symbols; ///< ENUM, ENUMS.
    unsigned n_symbols;
    json_t *fields; ///< ITEMS: the fields of an item.
};

/** A schema file being read. */
struct wn_loading {
    struct wn_policy *policy;
    struct wn_type *type;
    struct wn_faults *faults;
    const char *file;
    const char *field; ///< Which faults speak of; NULL: the record as a whole.
    struct wn_avro_type named[WN_NAMED];
    unsigned n_named;
};

/** Add a fault: `FILE: field 'x': sentence`. */
void wn_load_fault(struct wn_loading *load, const char *format, ...) WN_PRINTF(2, 3);

/** Add a fault for every member of `object` that is not among `keys` (NULL-terminated). */
void wn_load_keys(struct wn_loading *load, json_t *object, const char *what,
                  const char *const *keys);

/** @return a member's text, copied; NULL and a fault where it is absent or no text. */
const char *wn_load_text(struct wn_loading *load, json_t *object, const char *what,
                         const char *key);

/** @return the member's text, copied; NULL where it is absent; a fault where it is no text. */
const char *wn_load_optional(struct wn_loading *load, json_t *object, const char *key);

/** @return whether Avro takes this as a name. */
bool wn_avro_name(const char *name);

/** Read a schema file's JSON into `load->type`. */
void wn_load_type(struct wn_loading *load, json_t *root);

/** Read one field of the record. */
void wn_load_field(struct wn_loading *load, json_t *json);

/** Read a field's Avro type. @return false and a fault where no field can have it. */
bool wn_load_avro(struct wn_loading *load, json_t *type, struct wn_avro_type *ret_type);

/** @return whether values of this kind can have this type; else a fault that says which. */
bool wn_load_kind_fits(struct wn_loading *load, enum wn_kind kind, const struct wn_avro_type *type);

/**
 * Read a transform (`floor(1h)`) of a field with this kind and type, and what type it gives.
 *
 * @param purpose     For faults.
 * @param ret_output  `kind` and `made` are set; the rest about the transform and the type is
 * filled.
 * @return false and a fault where the policy's rules refuse it.
 */
bool wn_load_transform(struct wn_loading *load, const char *purpose, const char *text,
                       const struct wn_avro_type *type, struct wn_output *ret_output);

/** Copy what `keep` gives of a type. */
void wn_load_keep(const struct wn_avro_type *type, struct wn_output *ret_output);

/**
 * Write the derived schema of a purpose, check it with avro-c, compute its fingerprint.
 *
 * @return WN_OK, or WN_FATAL: "config" (avro-c refuses it).
 */
WN_NODISCARD
enum wn_code wn_policy_derive(const struct wn_type *type, struct wn_purpose *purpose,
                              struct wn_error *err);

#endif
