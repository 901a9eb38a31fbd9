// SPDX-License-Identifier: Apache-2.0

/** A source from a text, and what becomes of a record by it, told as a text. */

#ifndef SOURCE_HARNESS_H
#define SOURCE_HARNESS_H

#include "table.h"
#include "winnow/source.h"

/**
 * A source is a small base of a type, changed: the line of the base that begins with the first
 * word of `change` is replaced by it; where there is none, `change` is put behind `fields`, which
 * stand last.
 */
struct source_text {
    const char *type;    ///< "call", "session", or "ber": sessions in BER.
    const char *change;  ///< Or NULL.
    const char *change2; ///< Another one, or NULL.
    const char *more;    ///< Put behind the fields, or NULL.
};

/** Load the policy of the tree once, and make a folder to write sources into. */
int source_setup(void **state);
int source_teardown(void **state);

/** The site that sources are loaded with: +31, home 204-98, test network 001-01. */
struct wn_site *source_site(void);

/** What sources are compiled against: the tree's policy and the site. */
struct wn_source_ground source_ground(void);

/**
 * Load a source.
 *
 * @param faults  All faults, the file called `s.yaml`; NULL: there must be none.
 * @return the source, or NULL where it has faults.
 */
struct wn_source *source_load(const struct source_text *text, struct wn_buffer *faults);

/** Load a source of schemas/sources; it must have no fault. */
struct wn_source *source_load_file(const char *name);

/** A source that must be refused, with all its faults. */
struct source_fault_row {
    const char *name;
    struct source_text text;
    const char *faults;
};

/** Check a `struct source_fault_row`. */
void source_check_fault(void **state);

/** Records, and what a source makes of them. */
struct source_row {
    const char *name;
    struct source_text text;
    const char *input;
    const char *show;
    const char *told;
};

/** Check a `struct source_row`. */
void source_check(void **state);

/** Every record of the base has what is required of it; and `members`, which begin with a comma. */
#define SOURCE_RECORD(members)                                                                     \
    "{\"id\":\"a\",\"imsi\":\"204980000000001\",\"start\":\"1792888205\",\"duration\":"            \
    "\"60\"" members "}\n"

/** Run rows of a type of row between source_setup() and source_teardown(). */
#define SOURCE_RUN_TABLE(group, rows, check)                                                       \
    source_run_table((group), (rows), sizeof((rows)[0]), WN_COUNT(rows), (check))

int source_run_table(const char *group, const void *rows, size_t size, size_t count,
                     CMUnitTestFunction check);

/**
 * Decode all records of an input and tell of each what `show` names, a line a record.
 *
 * `show`: names of fields, and `type`, `node`, `subscriber`, `flags`, `rule` (of the filter),
 * `required`, `items`, `key` and `drift` (after all). `name=value`, `name=-` for an absent one. A
 * record that is refused gives its reason.
 */
void source_tell(const struct wn_source *source, struct wn_slice input, const char *show,
                 struct wn_buffer *ret_text);

#endif
