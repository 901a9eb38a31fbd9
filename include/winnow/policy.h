// SPDX-License-Identifier: Apache-2.0

/**
 * The policy: annotated Avro schemas, read and checked, as one plan per purpose and record type.
 *
 * `schemas/call.avsc` and `schemas/session.avsc` say of each field what its kind is and what each
 * purpose does to it. Loading enforces the rules of policy/rule.c, each with an error of its own
 * that names file, field and rule. What a purpose does not name is not in its plan, and so can't be
 * in its bytes.
 */

#ifndef WINNOW_POLICY_H
#define WINNOW_POLICY_H

#include "winnow/config.h"
#include "winnow/record.h"

enum {
    WN_PURPOSES = 8, ///< Purposes of a policy, at most.
    WN_OUTPUTS = 96, ///< Fields of a purpose's record, at most.
    WN_BOUNDS = 16,  ///< Arguments of a transform, at most.
    WN_TYPES = 8,    ///< Record types of a policy, at most.
};

/** What a purpose does to a value: a closed set. */
enum wn_transform {
    WN_TRANSFORM_KEEP,
    WN_TRANSFORM_PSEUDONYM,
    WN_TRANSFORM_FLOOR,  ///< args[0]: the step [ms].
    WN_TRANSFORM_BUCKET, ///< args: the bounds, rising.
    WN_TRANSFORM_CLASS,  ///< Of a number.
    WN_TRANSFORM_SHIELDED,
    WN_TRANSFORM_WITHHELD,
    WN_TRANSFORM_DESTINATION, ///< `NL/mobile`.
    WN_TRANSFORM_COUNTRY,     ///< Of a number or a PLMN: ISO 3166.
    WN_TRANSFORM_DIGITS,      ///< args[0]: the first n digits.
    WN_TRANSFORM_NETWORK,     ///< Of an IMSI: MCC-MNC.
    WN_TRANSFORM_MODEL,       ///< Of an IMEI: its first 8 digits.
    WN_TRANSFORM_PREFIX,      ///< Of an address: args[0] bits of IPv4, args[1] of IPv6.
    WN_TRANSFORMS,
};

/** How a value is written: Avro's type without its null branch. */
enum wn_avro {
    WN_AVRO_BOOLEAN,
    WN_AVRO_INT,
    WN_AVRO_LONG,
    WN_AVRO_STRING,
    WN_AVRO_BYTES,
    WN_AVRO_FIXED,  ///< `fixed_bytes` long.
    WN_AVRO_ENUM,   ///< Index of a symbol.
    WN_AVRO_ENUMS,  ///< Array of enum: the made field `flags`.
    WN_AVRO_ORIGIN, ///< Record {input string, partition int, offset long, index int}.
    WN_AVRO_ITEMS,  ///< Array of records: the repeated group, by `items`.
};

/** One field of a purpose's record, in the order of its schema. */
struct wn_output {
    const char *name; ///< In the derived schema.
    const char *doc; ///< The policy's, and what the transform does to it; NULL where there is none.
    uint8_t slot;    ///< Of the shape; of an item: item slot.
    enum wn_made made; ///< Not WN_MADE_NOT: winnow fills it.
    enum wn_kind kind; ///< Of the value that the transform is applied to.
    enum wn_transform transform;
    enum wn_avro avro;
    bool nullable; ///< A union of null and `avro`, null first.
    unsigned n_args;
    int64_t args[WN_BOUNDS];
    unsigned fixed_bytes; ///< FIXED.
    bool timestamp;       ///< LONG with the logical type timestamp-millis.
    const char
        *type_name; ///< FIXED, ENUM, ENUMS: name in the schema; with a dot it is a full name.
    const char *const *symbols; ///< ENUM, ENUMS.
    unsigned n_symbols;
    uint8_t kind_symbols[WN_KINDS]; ///< `subscriber_kind`: index of each kind's symbol.
};

/** How an output is written, with all decided that can be once the policy is known. */
enum wn_op {
    WN_OP_NONE, ///< wn_purpose_compile() was not called.

    // What a slot holds, as it is.
    WN_OP_LONG,    ///< int, long and enum: all are written alike.
    WN_OP_BOOLEAN, ///< A flag.
    WN_OP_TEXT,    ///< string and bytes.

    // Of a slot that holds a number of telephony.
    WN_OP_NUMBER, ///< Its digits, with a `+` where they are E.164.
    WN_OP_CLASS,
    WN_OP_SHIELDED,
    WN_OP_WITHHELD,

    // What a transform makes of a slot; which one, the output says.
    WN_OP_MADE_LONG, ///< floor, bucket.
    WN_OP_MADE_TEXT, ///< destination, country, digits, network, model.
    WN_OP_PREFIX,
    WN_OP_PSEUDONYM,

    // What winnow fills itself.
    WN_OP_SUBSCRIBER, ///< Its pseudonym.
    WN_OP_RECORD_ID,
    WN_OP_ORIGIN,
    WN_OP_SOURCE,
    WN_OP_NODE,
    WN_OP_KEY_ID,
    WN_OP_SUBSCRIBER_KIND,
    WN_OP_SESSION,
    WN_OP_FLAGS,
    WN_OP_ITEMS, ///< The repeated group.
};

/** What must hold of a value that is present, before it is transformed. */
enum wn_value_check {
    WN_CHECK_NONE,   ///< Every value will do.
    WN_CHECK_FLAG,   ///< 0 or 1.
    WN_CHECK_INT,    ///< 32 bits.
    WN_CHECK_SYMBOL, ///< Below `n_symbols`.
    WN_CHECK_NUMBER, ///< As long as numbers are.
    WN_CHECK_CLASS,  ///< A class of numbers.
    WN_CHECK_FILLED, ///< Not empty.
    WN_CHECK_IMSI,
    WN_CHECK_IMEI,
    WN_CHECK_ADDRESS,
    WN_CHECK_LABEL, ///< An operator's, not a person's.
};

/**
 * One step of a purpose's program: the output with the same index, in eight octets. The hot loops
 * read these, a few cache lines in all, and the wide output only for a transform with arguments.
 */
struct wn_plan_step {
    uint8_t op;         ///< enum wn_op.
    uint8_t slot;       ///< Of an item: item slot; 0 where winnow fills it.
    bool nullable;      ///< The union's branch goes before the value.
    uint8_t check;      ///< enum wn_value_check.
    uint32_t n_symbols; ///< The output's.
};

/** When a purpose's pseudonyms change. */
enum wn_period {
    WN_PERIOD_NONE,
    WN_PERIOD_MONTH
};

/** A purpose of one record type. */
struct wn_purpose {
    const char *name;         ///< "billing".
    unsigned number;          ///< Its index in `wn_policy.purposes`: the same for all types.
    const char *topic;        ///< "usage.billing.call".
    const char *basis;        ///< "contract", "consent", …
    bool needs_consent;       ///< basis is "consent".
    const char *retention;    ///< In words.
    const char *counted_from; ///< "invoice", "event".
    enum wn_period period;
    bool only_final; ///< Records that are not final are withheld: `not-final`.
    struct wn_output outputs[WN_OUTPUTS];
    unsigned n_outputs;
    struct wn_output items[WN_ITEM_SLOTS]; ///< Fields of an item of the repeated group.
    unsigned n_items;
    struct wn_plan_step steps[WN_OUTPUTS];         ///< One each of `outputs`: wn_purpose_compile().
    struct wn_plan_step item_steps[WN_ITEM_SLOTS]; ///< One each of `items`.
    struct wn_plan_checks {                        ///< Indices of the steps that check something.
        uint8_t steps[WN_OUTPUTS];
        unsigned n;
    } checks, item_checks;
    uint64_t required;      ///< Slots that a record must have.
    uint32_t item_required; ///< Item slots that each item must have.
    char *schema;         ///< The derived Avro schema: JSON, indented by two, a newline at the end.
    uint64_t fingerprint; ///< CRC-64-AVRO of its parsing canonical form (Avro 1.11, "Schema
                          ///< fingerprints").
    uint32_t schema_id;   ///< In the schema registry (registry.h); 0: none is used.
};

/** One record type. */
struct wn_type {
    struct wn_shape shape;
    const char *name;                     ///< Of the Avro record: "Call".
    const char *doc;                      ///< NULL where there is none.
    const char *docs[WN_SLOTS];           ///< Of each field; NULL where there is none.
    const char *item_docs[WN_ITEM_SLOTS]; ///< Of each field of an item.
    bool faulty;                          ///< Its file has faults: only while it is loaded.
    struct wn_purpose purposes[WN_PURPOSES];
    unsigned n_purposes;
};

struct wn_policy {
    struct wn_type *types;
    unsigned n_types;
    const char
        *purposes[WN_PURPOSES]; ///< Names in byte order, but `billing` first where there is one.
    unsigned n_purposes;
    char id[65];           ///< SHA-256 over the schema files' bytes, in order of their names; hex.
    struct wn_arena arena; ///< Everything that the above points to.
};

/**
 * Load every `*.avsc` of a folder (not of those in it).
 *
 * @param faults      Every fault goes here: `FILE: field 'x': rule`.
 * @param ret_policy  On success the caller's to give to wn_policy_close().
 * @return WN_OK, or WN_FATAL: "config" (see `faults`).
 */
WN_NODISCARD
enum wn_code wn_policy_load(const char *folder, struct wn_faults *faults,
                            struct wn_policy **ret_policy, struct wn_error *err);

/**
 * Load of a policy what is right, for `winnow check`: sources are read against the types that have
 * no fault, so that all faults are said at once. With faults it is not for minimising.
 *
 * @param faults  As wn_policy_load().
 * @return never NULL; the caller's to give to wn_policy_close().
 */
struct wn_policy *wn_policy_look(const char *folder, struct wn_faults *faults);

/** Give it back; NULL is fine. @return NULL */
struct wn_policy *wn_policy_close(struct wn_policy *policy);

/** For WN_CLEANUP(). */
static inline void wn_policy_closep(struct wn_policy **policy)
{
    wn_policy_close(*policy);
}

/** @return the type with this name, or NULL. */
const struct wn_type *wn_policy_type(const struct wn_policy *policy, const char *name);

/** @return the purpose of a type with this name, or NULL. */
const struct wn_purpose *wn_type_purpose(const struct wn_type *type, const char *name);

/** Fill `steps`, `item_steps`, `required` and `item_required` from the outputs; called by the
 * loader (and by tests that make a purpose by hand). */
void wn_purpose_compile(struct wn_purpose *purpose);

/** Write the policy as a table of fields and purposes, in words that a privacy officer reads. */
void wn_policy_show(const struct wn_policy *policy, struct wn_buffer *ret_text);

/** The same as JSON. */
void wn_policy_show_json(const struct wn_policy *policy, struct wn_buffer *ret_text);

/** Write what a transform leaves of a value, in words: "hour only"; appended to `ret_text`. */
void wn_transform_words(const struct wn_output *output, struct wn_buffer *ret_text);

/** Write what a purpose gets of a field (of the shape, or of its items), in words; "never" where it
 * gets nothing; appended to `ret_text`. */
void wn_purpose_words(const struct wn_purpose *purpose, const struct wn_field *field, uint8_t slot,
                      bool of_item, struct wn_buffer *ret_text);

/** Write a transform's name as the policy writes it, with its arguments: "floor(1h)"; appended to
 * `ret_text`. */
void wn_transform_name(const struct wn_output *output, struct wn_buffer *ret_text);

/** @return the CRC-64-AVRO fingerprint of a schema given as JSON text, or 0 where it is none. */
uint64_t wn_schema_fingerprint(const char *json);

#endif
