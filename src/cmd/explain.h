// SPDX-License-Identifier: Apache-2.0

/**
 * The parts of `winnow explain`: what is told of one record (explain_record.c, explain_json.c) and
 * of a whole file (explain_file.c, explain_file_text.c).
 *
 * What is told is names of the source and the policy, lines, counts, reasons and shapes. A value of
 * the record is told only where `show_values` is set, which the command does for a terminal only.
 */

#ifndef WINNOW_CMD_EXPLAIN_H
#define WINNOW_CMD_EXPLAIN_H

#include "winnow/look.h"
#include "winnow/trace.h"

/** What records are explained by. */
struct explain {
    const struct wn_policy *policy;
    const struct wn_type *types[WN_SECTIONS]; ///< Of each section of the source.
    const struct wn_source *source;
    const char *source_file; ///< Path of its YAML.
    struct wn_keyring *ring; ///< Of keys that end with the command.
    bool show_values;
};

/** One record, taken apart; all of it lives as long as the record. */
struct explained {
    const struct wn_looked *looked;
    const struct wn_section *section; ///< NULL: it is not known which record this is.
    const struct wn_type *type;       ///< The section's; NULL where that is.
    struct wn_trace *traces;          ///< In the order in which the entries were read.
    size_t n_traces;
    struct wn_missing *missing;
    size_t n_missing;
    const struct wn_trace *culprit; ///< The entry that the record was refused by, or NULL.
    unsigned filter_line;           ///< Of the source's filter that took it; 0: another rule.
};

/** Take a record apart. */
void explained_init(const struct explain *explain, const struct wn_looked *looked,
                    struct explained *ret_explained);

/** Wipe it and give the memory back. */
void explained_deinit(struct explained *explained);

/** @return whether a path of a section is read by conditions and keys only. @param section  NULL:
 * before it is known what the record is. */
bool explain_only_read(const struct explain *explain, const struct wn_section *section,
                       struct wn_slice path);

/** Called with each name that no entry of the source names, and its count. */
typedef void explain_name_visit(void *context, const char *name, uint64_t count);

/** Visit the names of a record that nobody wants. */
void explained_each_unwanted(const struct explained *explained, explain_name_visit *visit,
                             void *context);

/** @return "passed", "duplicate", "filtered" … */
const char *explain_outcome(enum wn_outcome outcome);

/** What became of a passed record for a purpose. @param ret_reason  WITHHELD: the reason's id. */
enum explain_fate {
    EXPLAIN_OUT,
    EXPLAIN_NO_CONSENT,
    EXPLAIN_WITHHELD
} explain_fate(const struct wn_tally *tally, const struct wn_purpose *purpose,
               const char **ret_reason);

/** @return what an entry did, in words: "is not there". */
const char *explain_traced(enum wn_traced what);

/** Append the types of a source's records, each once: `session, call`. */
void explain_types(const struct wn_source *source, struct wn_buffer *text);

/** Append a line of the source: `12`, or `asterisk-csv:12` where it is one of what it is `like`. */
void explain_line(const struct wn_source *source, unsigned line, struct wn_buffer *text);

/** @return how wide that is, at most, in a table. */
unsigned explain_line_width(const struct wn_source *source);

/** Append the place of a line of the source: `schemas/sources/NAME.yaml:12`. */
void explain_place(const struct wn_source *source, unsigned line, struct wn_buffer *text);

/** Append where an entry's value comes from: a path, "field x", "a constant"… */
void explain_from(const struct wn_trace *trace, struct wn_buffer *text);

/** Append the usage record that a purpose would get, as JSON; its pseudonyms are of keys that end
 * with the command. @return false where it would get none. */
bool explain_usage(const struct explain *explain, const struct wn_looked *looked,
                   const struct wn_purpose *purpose, struct wn_buffer *text);

/** Append a record's explanation as text, or as one JSON object and a newline. */
void explain_record_text(const struct explain *explain, const struct explained *explained,
                         struct wn_buffer *text);
void explain_record_json(const struct explain *explain, const struct explained *explained,
                         struct wn_buffer *text);

/** A whole file's account. */
struct explain_file;

struct explain_file *explain_file_open(const struct explain *explain);
struct explain_file *explain_file_close(struct explain_file *file);

/** Add a record to it: wn_look_visit. */
bool explain_file_add(void *context, const struct wn_looked *looked);

/** Append the account. */
void explain_file_text(const struct explain_file *file, struct wn_buffer *text);
void explain_file_json(const struct explain_file *file, struct wn_buffer *text);

#endif
