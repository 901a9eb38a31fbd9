// SPDX-License-Identifier: Apache-2.0

/**
 * Sources: `schemas/sources/NAME.yaml` compiled into a plan, and the plan applied to a record.
 *
 * The language is docs/sources.md. decode/source*.c reads it (every fault with its line),
 * decode/fill*.c applies it: format's takes → node, items, fields, subscriber, flags. Nothing here
 * knows a field's name but by the shape's `bound` slots.
 */

#ifndef WINNOW_SOURCE_H
#define WINNOW_SOURCE_H

#include "winnow/config.h"
#include "winnow/format.h"
#include "winnow/reason.h"
#include "winnow/record.h"
#include "winnow/time.h"

/** `affinity:`: do all records of one of these lie on one input partition? */
enum wn_affinity {
    WN_AFFINITY_NONE,
    WN_AFFINITY_NODE,
    WN_AFFINITY_SESSION
};

/** One part of a key: of `duplicate_key`, `content`, `session_key`. */
struct wn_key_part {
    enum {
        WN_PART_TAKE,  ///< The octets as decoded.
        WN_PART_FIELD, ///< A field's canonical form.
        WN_PART_NODE,
        WN_PART_SUBSCRIBER, ///< Two values: kind and canonical form.
        WN_PART_POSITION,   ///< Where the record lies: offset and index of its origin.
    } what;
    uint8_t index; ///< Take or slot.
};

enum {
    WN_KEY_PARTS = 16
}; ///< Parts of a key, at most.

struct wn_key {
    struct wn_key_part parts[WN_KEY_PARTS];
    unsigned n;
};

struct wn_condition; ///< Compiled; opaque.

/** `filter:` entry. */
struct wn_filter {
    enum wn_reason rule;
    const struct wn_condition *when; ///< NULL: always.
    unsigned line;                   ///< In the source file.
};

/**
 * What a source says of its records of one type: most sources have one section, the whole file;
 * where it lists `types`, each is one, and the first whose condition holds takes a record.
 */
struct wn_section {
    const struct wn_shape *shape;
    const struct wn_condition *when; ///< NULL: every record that comes so far.
    unsigned line;                   ///< In the source file; 0: the section is the whole source.
    bool cumulative;                 ///< Counters since the session began; counts at its `end`.
    struct wn_key duplicate_key;
    struct wn_key content;
    struct wn_key session_key; ///< n 0: one record a session.
    const struct wn_filter *filters;
    unsigned n_filters;
    struct wn_section_plan *plan; ///< The rest; known to decode/ only.
};

enum {
    WN_SOURCE_ID = 65, ///< SHA-256 in hex, and a NUL.
    WN_SECTIONS = 16,  ///< Sections of a source, at most.
};

/** A compiled source; read-only once loaded, any number of decoders may share it. */
struct wn_source {
    char name[64];
    char id[WN_SOURCE_ID]; ///< SHA-256 of the file, hex.
    const struct wn_site *site;
    const struct wn_format *format;
    enum wn_affinity affinity;
    int64_t tolerance_s;   ///< 0: the source has a clock of its own.
    int64_t resolution_ms; ///< At least 1000: how far `end` - `start` may be off `duration`.
    uint8_t rule_id[8];    ///< Changes where the duplicate rule of any section does (type, key,
                           ///< content, tolerance).
    struct wn_section sections[WN_SECTIONS]; ///< In order: the first whose condition holds.
    unsigned n_sections;                     ///< One at least.
    struct wn_source_plan *plan;             ///< What all sections share; known to decode/ only.
};

/**
 * Load and compile a source.
 *
 * @param file    Path of the YAML file; the source's name is the file's without folder and `.yaml`.
 * @param shapes  The policy's shapes; must outlive the source.
 * @param site    Must outlive the source.
 * @param faults  Every fault goes here; the load fails where there is one.
 * @param ret_source  On success the caller's to give to wn_source_close().
 * @return WN_OK, or WN_FATAL: "config" (see `faults`).
 */
WN_NODISCARD
enum wn_code wn_source_load(const char *file, const struct wn_shape *const *shapes,
                            unsigned n_shapes, const struct wn_site *site, struct wn_faults *faults,
                            struct wn_source **ret_source, struct wn_error *err);

/** What a source is compiled against; all of it must outlive the source. */
struct wn_source_ground {
    const struct wn_shape *const *shapes;
    unsigned n_shapes;
    const struct wn_site *site;
};

/** The same as wn_source_load(), over bytes that are in memory; `file` names them. */
WN_NODISCARD
enum wn_code wn_source_parse(const char *file, struct wn_slice bytes,
                             const struct wn_source_ground *ground, struct wn_faults *faults,
                             struct wn_source **ret_source, struct wn_error *err);

/**
 * @return the file that a line of a source is of (the source's own, or that of one that it is
 *         `like`); `*line` becomes the line there.
 */
const char *wn_source_file(const struct wn_source *source, unsigned *line);

/** @return the i-th file of those that it is like, or NULL behind the last. */
const char *wn_source_other_file(const struct wn_source *source, unsigned i);

/** Give it back; NULL is fine. @return NULL */
struct wn_source *wn_source_close(struct wn_source *source);

/** @return by how much the source's zone is further east at `to_ms` than at `from_ms` [ms]: an hour
 *          over spring's change of the clock; 0 without a zone. */
int64_t wn_source_clock_change_ms(const struct wn_source *source, int64_t from_ms, int64_t to_ms);

/** What a record says of its node's own count: the line `gaps:` of a source. */
struct wn_numbered {
    bool there;           ///< It has a number.
    bool readable;        ///< … which can be read, and has 32 bits.
    uint32_t number;      ///< Modulo 2^32.
    struct wn_slice node; ///< Whose count it is, as it stands there; empty: none.
};

/** A decoded record with what conditions and keys look at. */
struct wn_decoded {
    const struct wn_source *source;
    const struct wn_section *section; ///< NULL: it is not known what the record is.
    struct wn_record record;          ///< Its `shape` is the section's, or any of the source's.
    struct wn_taken_set taken;
    enum wn_reason fate;         ///< Of its kind (`records`): a filter; nothing is filled then.
    bool read;                   ///< The format read the record to its end: `taken` is whole.
    struct wn_numbered numbered; ///< As far as it was taken apart, also where the decode fails.
    uint64_t given;              ///< Slots that the source gave a value; conditions see no default.
    uint64_t hidden; ///< Slots taken out of this record (withheld numbers, what a list masks):
                     ///< conditions and keys still see them.
    struct wn_value *hidden_values;    ///< In the arena, by slot, where `hidden` has a bit.
    struct wn_slice hidden_subscriber; ///< What keys see in its place; `len` 0: it is not hidden.
    struct wn_arena *arena;            ///< The decoder's; emptied by the next decode.
};

/**
 * Take a value out of a record, for all that comes after judge; conditions and keys keep it, so
 * that an event is the same whatever became of its numbers.
 *
 * @param shown  What stands there instead; NULL: nothing, the slot is absent.
 */
void wn_decoded_hide(struct wn_decoded *decoded, uint8_t slot, const struct wn_value *shown);

/** The same for the subscriber; `shown` lives as long as the record. */
void wn_decoded_hide_subscriber(struct wn_decoded *decoded, struct wn_slice shown);

enum {
    WN_DECLARED = 8,       ///< Totals that a source declares, at most.
    WN_DECLARED_NAME = 32, ///< Octets of a total's name, the final NUL included.
};

/**
 * What an input (a file, a message) says of itself, and what was found in it, whatever became of
 * its records: the line `declared:` of a source.
 *
 * `found` has the records that were cut off the input (quarantined ones too), or the sum over those
 * that could be taken apart. Sums that have more than 63 bits stay at the largest number.
 */
struct wn_declared {
    const char *name; ///< The source's.
    bool required;    ///< An input that does not declare it was cut.
    bool unreadable;  ///< What it declares can't be read.
    uint64_t n;       ///< How often it was declared: files put together declare several times.
    int64_t declared, found; ///< In the unit of the conversion: [1], [ms], [octets], millionths.
};

/** A source at work: the format's reader and an arena for one record at a time; one a thread. */
struct wn_decoder;

/** Make one; never NULL. `source` must outlive it. */
struct wn_decoder *wn_decoder_open(const struct wn_source *source);

/** Wipe it and give it back; NULL is fine. @return NULL */
struct wn_decoder *wn_decoder_close(struct wn_decoder *decoder);

/** A new input begins (file or message). */
void wn_decoder_begin(struct wn_decoder *decoder);

/**
 * The input is over: no more bytes will follow, and split gave no more records.
 *
 * @param drift  What was odd in its frames is counted here; may be NULL.
 * @return how many totals the source declares; 0 also where none began since the last call.
 */
unsigned wn_decoder_end(struct wn_decoder *decoder, struct wn_drift *drift,
                        struct wn_declared ret_declared[WN_DECLARED]);

/** Called with the number that a node gave a file; good until it returns. */
typedef void wn_filed_visit(void *context, const struct wn_numbered *numbered);

/** Have the numbers of files told as split() meets them: `gaps: {files: …}` of a source. */
void wn_decoder_watch_files(struct wn_decoder *decoder, wn_filed_visit *visit, void *context);

/** Cut the next record: `split` of the format (format.h), past the parts that are no records. */
WN_NODISCARD
enum wn_code wn_decoder_split(struct wn_decoder *decoder, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_raw, struct wn_error *err);

/**
 * Decode one raw record and fill a record by the source: node, section, items, fields, subscriber,
 * flags.
 *
 * Required fields and the filters are judge's, later. What was decoded before is forgotten.
 *
 * @param drift        Names that nobody wants are counted here; may be NULL.
 * @param ret_decoded  Good until the next call. Its `taken`, `record.node` … are filled as far as
 *                     it went, also where the call fails.
 * @return WN_OK, or WN_REJECT with the reason.
 */
WN_NODISCARD
enum wn_code wn_decoder_decode(struct wn_decoder *decoder, struct wn_slice raw,
                               struct wn_drift *drift, struct wn_decoded **ret_decoded,
                               struct wn_error *err);

/**
 * @return whether records that the format calls so may come out of this source: no fate takes them,
 *         and the condition of a section may hold for them. False for formats without types.
 */
bool wn_source_bills(const struct wn_source *source, const char *record);

/** @return whether a condition holds (a filter's `when`; NULL always holds). */
bool wn_condition_holds(const struct wn_condition *condition, const struct wn_decoded *decoded);

/**
 * Find what is required and absent: `required:`, then each field whose type is not nullable and
 * that has no default, then the subscriber.
 *
 * @return WN_OK, or WN_REJECT: "missing-field", "missing-subscriber".
 */
WN_NODISCARD
enum wn_code wn_source_required(const struct wn_decoded *decoded, struct wn_error *err);

/**
 * Append the bytes of a key, as they are hashed: the record type and each part as u32
 * big-endian length and its canonical bytes, an absent one as `ffffffff`.
 */
void wn_key_bytes(const struct wn_key *key, const struct wn_decoded *decoded,
                  struct wn_buffer *ret_bytes);

#endif
