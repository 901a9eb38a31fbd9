// SPDX-License-Identifier: Apache-2.0

/**
 * Reading a source description: the pieces of decode/source*.c.
 *
 * A piece reads one part of the tree into the plan and reports what is wrong with it as
 * `KEY: what is wrong; what to do`. None ends the reading: a fault leaves a value that is safe to
 * go on with, and the source is thrown away in the end.
 */

#ifndef DECODE_LOAD_H
#define DECODE_LOAD_H

#include "plan.h"
#include "winnow/hash.h"

/** A list of the site: `words`. */
struct wn_word_list {
    struct wn_slice name;
    const struct wn_slice *texts;
    size_t n;
};

struct wn_loader {
    struct wn_config config;
    const struct wn_source_ground *ground;
    struct wn_source *source;
    struct wn_source_plan *plan;
    struct wn_section *section;   ///< At hand; NULL: what all sections share is read.
    const struct wn_shape *shape; ///< The section's; NULL: unknown type; what needs it is not read.
    struct wn_word_list *words;
    size_t n_words;
    uint64_t filled;       ///< Slots that an entry further up fills.
    uint64_t filled_items; ///< The same of items.
    bool has_usage;
    const struct wn_node *each;     ///< The section's lists of items; NULL: none.
    bool zone_is_bad;               ///< A zone is named and was refused.
    bool is_unlike;                 ///< What it is like could not be read: nothing else is.
    const struct wn_slice *missing; ///< Columns that this layout of a CSV has not.
    size_t n_missing;
    struct wn_buffer rule; ///< Canonical text of the section's duplicate rule.
    uint8_t rules[WN_SECTIONS][WN_SHA256_BYTES]; ///< Hashes of those of all sections.
};

/** Where a name of a field is looked up. */
struct wn_place {
    const struct wn_field *fields;
    unsigned n_fields;
    uint64_t filled; ///< Slots that have a value here.
    bool of_item;
    bool has_subscriber; ///< The subscriber is known here.
    bool of_part;        ///< Paths are of parts that are no records: `/LINE/COLUMN`.
};

/** @return the place of the record's fields as they are filled by now. */
struct wn_place wn_plan_load_place(const struct wn_loader *loader, bool has_subscriber);

/* source_name.c: texts, names, paths, constants. */

/** Read a text, or a list of texts; `$NAME` stands for a list of `words` where `words` is true. */
void wn_plan_load_texts(struct wn_loader *loader, const struct wn_node *node, const char *key,
                        bool words, const struct wn_slice **ret_texts, size_t *ret_n);

/**
 * Find a field that is filled further up.
 *
 * @return its slot, or WN_NO_SLOT and a fault.
 */
uint8_t wn_plan_load_field(struct wn_loader *loader, const struct wn_place *place,
                           const struct wn_node *node, const char *key);

/** Find a field by name, filled or not. @return its slot, or WN_NO_SLOT and a fault. */
uint8_t wn_plan_load_slot(struct wn_loader *loader, const struct wn_place *place,
                          const struct wn_node *node, const char *key);

/** Report a word that is not in a list. `what` is "field", "flag", … */
void wn_plan_load_unknown(struct wn_loader *loader, const struct wn_node *node, const char *key,
                          const char *what, const char *const *words);

/** @return whether a text is a path: begins with `/` or `./`. */
bool wn_plan_load_is_path(struct wn_slice text);

/** Read a path or a list of paths. */
void wn_plan_load_paths(struct wn_loader *loader, const struct wn_place *place,
                        const struct wn_node *node, const char *key, struct wn_from *ret_from);

/** Read `from`: paths, or a field, or `node`. */
void wn_plan_load_from(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *node, const char *key, struct wn_from *ret_from);

/** Check a path's form against the format: levels and columns. @return false and a fault. */
bool wn_plan_load_path_fits(struct wn_loader *loader, const struct wn_node *node,
                            struct wn_slice path, const char *key);

/**
 * Check that a record, or an item of the section's lists, can have a path, where the format knows
 * its records. @return false and a fault.
 */
bool wn_plan_load_path_is_known(struct wn_loader *loader, const struct wn_node *node,
                                struct wn_slice path, const char *key);

/** Read a constant of a field's kind. @return false and a fault. */
bool wn_plan_load_constant(struct wn_loader *loader, const struct wn_field *field,
                           const struct wn_node *node, const char *key, struct wn_value *ret_value);

/** @return whether a node is a list; a fault where it is there and is none. */
bool wn_plan_load_is_list(struct wn_loader *loader, const struct wn_node *node, const char *key);

/** Take zeroed memory that lives as long as the plan. */
void *wn_plan_load_zeroed(struct wn_loader *loader, size_t n, size_t size);

/** Read names of columns, each once. */
void wn_plan_load_columns(struct wn_loader *loader, const struct wn_node *node,
                          const struct wn_slice **ret_columns, size_t *ret_n);

/* source_declared.c: what an input says of itself. */

/** Read `lines` of `csv`. */
void wn_plan_load_lines(struct wn_loader *loader, const struct wn_node *node);

/** Check that a path leads into a part that is no record. @return false and a fault. */
bool wn_plan_load_part_fits(struct wn_loader *loader, const struct wn_node *node,
                            struct wn_slice path, const char *key);

void wn_plan_load_declared(struct wn_loader *loader);

/* source_condition.c */

/** Read a condition, or a list of them. @return NULL and a fault; NULL for no node. */
const struct wn_condition *wn_plan_load_condition(struct wn_loader *loader,
                                                  const struct wn_place *place,
                                                  const struct wn_node *node, const char *key);

/* source_like.c */

/**
 * Put the source that this one is `like` into its tree, and that one's, and so on.
 *
 * @param bytes  The bytes of those files are added.
 */
void wn_plan_load_like(struct wn_loader *loader, struct wn_buffer *bytes);

/** @return a map of all pairs of `own` but `but` (NULL: all), and those of `other` that it has not.
 */
struct wn_node wn_plan_load_joined(struct wn_loader *loader, const struct wn_node *own,
                                   const char *but, const struct wn_node *other);

/* source_section.c: what is said of the records of each type. */

/** Read `types`, or the source as its only section. */
void wn_plan_load_sections(struct wn_loader *loader);

/* source_basic.c: what stands before the fields. */

void wn_plan_load_format(struct wn_loader *loader);
void wn_plan_load_framing(struct wn_loader *loader);
void wn_plan_load_type(struct wn_loader *loader);
void wn_plan_load_csv(struct wn_loader *loader);
void wn_plan_load_json(struct wn_loader *loader);
void wn_plan_load_encoded(struct wn_loader *loader);
void wn_plan_load_clock(struct wn_loader *loader);
void wn_plan_load_text(struct wn_loader *loader);
void wn_plan_load_records(struct wn_loader *loader);
void wn_plan_load_emit(struct wn_loader *loader);
void wn_plan_load_integers(struct wn_loader *loader);
void wn_plan_load_decimal(struct wn_loader *loader);
void wn_plan_load_ways(struct wn_loader *loader);
void wn_plan_load_volumes(struct wn_loader *loader);
void wn_plan_load_numbers(struct wn_loader *loader);
void wn_plan_load_words(struct wn_loader *loader);
void wn_plan_load_node(struct wn_loader *loader);

/* source_gaps.c: the node's own count. */

void wn_plan_load_gaps(struct wn_loader *loader);

/* source_term.c */

/** Have a term's values read by a conversion. */
void wn_plan_set_conversion(struct wn_term *term, const struct wn_conversion *conversion);

/** Read `from`, `as`, `map`, `else`, `absent` and `high` of `map_node`, to a value of `kind`. */
void wn_plan_load_term(struct wn_loader *loader, const struct wn_place *place,
                       const struct wn_node *map_node, const struct wn_field *field,
                       enum wn_kind kind, struct wn_term *ret_term);

/** Read what is subtracted or added: a field, or `{from, as}`. `or` is the caller's. */
// NOLINTNEXTLINE(readability-function-size): a term, with the name of its key.
void wn_plan_load_operand(struct wn_loader *loader, const struct wn_place *place,
                          const struct wn_node *node, const char *key, const struct wn_field *field,
                          enum wn_kind kind, struct wn_term *ret_term);

/** Read a text with a term's conversion: `or`. @return false and a fault. */
bool wn_plan_load_converted(struct wn_loader *loader, const struct wn_term *term,
                            const struct wn_node *node, const char *key,
                            struct wn_value *ret_value);

/* source_field.c */

void wn_plan_load_usage(struct wn_loader *loader);
void wn_plan_load_fields(struct wn_loader *loader);

/* source_key.c: whom it is about, what makes it new, what it says besides. */

void wn_plan_load_subscriber(struct wn_loader *loader);
void wn_plan_load_required(struct wn_loader *loader);
void wn_plan_load_keys(struct wn_loader *loader);
void wn_plan_load_flags(struct wn_loader *loader);
void wn_plan_load_filter(struct wn_loader *loader);

#endif
