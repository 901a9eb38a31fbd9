// SPDX-License-Identifier: Apache-2.0

/**
 * A source as decode/ applies it: everything resolved at load into arrays, numbers of takes, slots
 * and function pointers, so that filling a record compares no name.
 *
 * decode/source*.c makes plans, decode/fill*.c, condition.c and key.c apply them. All of a plan
 * lies in its arena and is read-only once loaded.
 */

#ifndef DECODE_PLAN_H
#define DECODE_PLAN_H

#include "winnow/number.h"
#include "winnow/source.h"

enum {
    WN_PLAN_PATHS = 16,    ///< Paths of one `from`, at most.
    WN_PLAN_REQUIRED = 64, ///< Names of `required`, at most.
    WN_PLAN_NO_WORD = -1,  ///< The shape's list lacks the word.
};

/** One path of a `from`. */
struct wn_plan_path {
    uint8_t take;
    bool of_item;         ///< `take` is of the item, else of the record's top.
    struct wn_slice text; ///< As the source writes it.
    struct wn_slice name; ///< Its last name: what drift is counted under.
};

/** Where a value is looked for. */
struct wn_from {
    enum wn_from_what {
        WN_FROM_NOTHING = 0,
        WN_FROM_PATHS, ///< The first that is present.
        WN_FROM_FIELD, ///< `slot`, filled further up.
        WN_FROM_NODE,
        WN_FROM_SUBSCRIBER,
    } what;
    uint8_t slot;
    unsigned n_paths;
    unsigned line; ///< In the source file.
    const struct wn_plan_path *paths;
};

enum wn_condition_op {
    WN_WHEN_ALL,
    WN_WHEN_ANY,
    WN_WHEN_NOT,      ///< Of its one part.
    WN_WHEN_PRESENT,  ///< `wanted`.
    WN_WHEN_IS,       ///< One of `texts`.
    WN_WHEN_STARTS,   ///< With one of `texts`.
    WN_WHEN_CONTAINS, ///< One of `texts`.
    WN_WHEN_ABOVE,    ///< `numbers[0]`.
    WN_WHEN_BIT,      ///< Of a BIT STRING, `numbers[0]` is set.
    WN_WHEN_NUMBER,   ///< A field's number is one of `numbers`.
    WN_WHEN_WORD,     ///< A field's word is one of the bits of `mask`.
    WN_WHEN_ZERO,     ///< The slots of `mask` are 0 or absent.
    WN_WHEN_NETWORK,
    WN_WHEN_RECORD, ///< The format says that the record is one of `texts`.
};

struct wn_condition {
    enum wn_condition_op op;
    bool wanted;
    bool is_number; ///< `from` is a field whose value is a number.
    enum wn_network network;
    struct wn_from from;
    uint64_t mask;
    const struct wn_condition *parts;
    const struct wn_slice *texts;
    const int64_t *numbers;
    size_t n; ///< Of parts, texts or numbers.
};

/** What a conversion looks at besides the text, and what it says besides the value. */
struct wn_converting {
    const struct wn_source_plan *plan;
    struct wn_arena *arena;
    enum wn_kind kind;
    uint8_t form;     ///< enum wn_form of the octets; text for `convert`.
    bool ambiguous;   ///< Out: two instants fit, the value is the first.
    int64_t later_ms; ///< Out: the other one.
    bool unknown;     ///< Out: a name that no table has: drift.
};

/**
 * Read a text.
 *
 * @param ret_present  false: a placeholder, absent; for a number that means a request,
 *                     `ret_value->marks` has WN_MARK_WITHHELD.
 * @return WN_OK, or WN_REJECT: a reason of its kind.
 */
typedef enum wn_code wn_convert(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present,
                                struct wn_error *err);

/** A row of the table of conversions. */
struct wn_conversion {
    const char *name;
    uint32_t kinds; ///< Bit of each kind that it can give.
    bool is_local;  ///< Reads local times: a zone must be known, and two instants may fit.
    wn_convert *convert;
    const char *reason; ///< Of a value that is no scalar.
    wn_convert *coded;  ///< Reads octets of these forms; NULL: all are read as their text.
    uint32_t forms;     ///< Bit of each enum wn_form.
};

/** @return the i-th conversion with a name, or NULL behind the last. */
const struct wn_conversion *wn_conversion_at(unsigned i);

/** @return the one conversion of a text kind, or NULL where `as` is obligatory. */
const struct wn_conversion *wn_conversion_of(enum wn_kind kind);

/** One line of a `map`. */
struct wn_mapping {
    struct wn_slice text;
    struct wn_value value;
};

struct wn_near;

/** One value to be read: `from` and what stands with it. */
struct wn_term {
    struct wn_from from;
    enum wn_kind kind;
    wn_convert *convert; ///< NULL: a map, or a copy of a field.
    const char *reason;  ///< Of a value that is no scalar.
    wn_convert *coded;   ///< For values of the forms in `forms`.
    uint32_t forms;
    const struct wn_slice *absent;
    size_t n_absent;
    bool takes_worst; ///< Of all paths' causes, not of the first that is present.
    bool mapped;
    const struct wn_mapping *map;
    size_t n_map;
    const struct wn_value *otherwise; ///< `else`; NULL: drift.
    struct wn_from high;
    struct wn_from time;          ///< Of a stamp whose date stands in `from`.
    const struct wn_field *field; ///< FROM_FIELD: the field read.
    const struct wn_near *near;   ///< Chooses where two instants fit; NULL: nothing does.
};

/** `near`: an instant of the same record, told another way. */
struct wn_near {
    struct wn_term term;
    bool has_step;
    bool subtracts;      ///< `minus`, else `plus`.
    struct wn_term step; ///< A duration.
};

enum wn_entry_what {
    WN_ENTRY_FROM,
    WN_ENTRY_VALUE,
    WN_ENTRY_SUM,
    WN_ENTRY_MIN,
    WN_ENTRY_MAX,
    WN_ENTRY_FIRST,
    WN_ENTRY_LAST,
    WN_ENTRY_COUNT,
    WN_ENTRY_ANY,
};

/** An entry of `fields`. */
struct wn_entry {
    enum wn_entry_what what;
    uint8_t slot;
    uint8_t item; ///< Item slot that is totalled.
    bool subtracts;
    bool forgives; ///< `on_error: absent`: what can't be read is absent, and counted.
    unsigned line; ///< In the source file.
    const struct wn_field *field;
    const struct wn_condition *when;
    const struct wn_condition *withheld;
    struct wn_term term;
    struct wn_term minus;
    const struct wn_value *otherwise; ///< `or` of `minus`.
    struct wn_value value;            ///< Constant.
};

/** An entry of `subscriber`. */
struct wn_whose {
    enum wn_kind kind;
    unsigned line; ///< In the source file.
    const struct wn_condition *when;
    struct wn_term term; ///< Paths or a field; unused where `by_direction`.
    bool by_direction;
    uint8_t by[WN_PLAN_REQUIRED]; ///< Slot by the direction's word; WN_NO_SLOT.
};

/** An entry of `flags`. */
struct wn_flagging {
    uint32_t bit;
    unsigned line; ///< In the source file.
    const struct wn_condition *when;
};

/** What is to be found of a total. */
enum wn_found {
    WN_FOUND_SUM,     ///< The sum of a term of the records.
    WN_FOUND_RECORDS, ///< How many records there are.
    WN_FOUND_OCTETS,  ///< How many octets the input has.
    WN_FOUND_NONE,    ///< Nothing: what is declared should be 0.
};

/** An entry of `declared`. */
struct wn_total {
    const char *name;
    bool required;
    enum wn_found what;
    unsigned line;           ///< In the source file.
    struct wn_term declared; ///< Paths of `parts`.
    struct wn_term found;    ///< Paths of records.
};

/** A line of `records`. */
struct wn_plan_fate {
    struct wn_slice record; ///< As the format calls it.
    enum wn_reason reason;  ///< NONE: it is billed.
};

/** Where a node's name is. */
struct wn_naming {
    struct wn_from from;
    bool joins;        ///< All paths, joined by hyphens, not the first.
    bool before_epoch; ///< It is what stands before the epoch of an id.
};

/** What all sections of a source share: how records are written and read, and the node. */
struct wn_source_plan {
    struct wn_arena arena;  ///< The sections' plans lie here too.
    struct wn_config files; ///< Names of its files, and its tree.
    struct wn_paths *paths;
    struct wn_paths *parts; ///< Of parts that are no records: `/LINE/COLUMN`.
    struct wn_total totals[WN_DECLARED];
    unsigned n_totals;
    struct wn_zone *zone;    ///< NULL: none is known.
    struct wn_clock clock;   ///< Over the same zone.
    bool takes_second;       ///< Of two instants that nothing chooses between; else the first.
    bool stamps_are_utc;     ///< `stamps: utc`.
    struct wn_layout layout; ///< Of stamps; `len` 0: `2026-10-24 21:00:05`.
    struct wn_format_options options;
    struct wn_number_rules numbers;
    struct wn_reading reading;
    const struct wn_plan_fate *fates; ///< `records`.
    size_t n_fates;
    bool raw_unsigned;    ///< `integers: raw-unsigned`.
    bool offsets_by_zone; ///< `clock: {offsets: zone}`.
    char decimal;         ///< Sign of fractions: `.` or `,`.

    struct wn_naming node;
    struct wn_slice node_otherwise; ///< `or`, or `value`.
    unsigned node_line;             ///< In the source file; 0: it does not say.

    /** `gaps`: a node's own number, and whose it is. */
    struct {
        struct wn_term number;      ///< Without paths: the source has none.
        struct wn_naming node;      ///< Without paths: the source's node.
        struct wn_term file_number; ///< The same of a file, by paths of `parts`.
        struct wn_naming file_node;
        unsigned line; ///< In the source file.
    } gaps;

    struct wn_slice take_paths[WN_TAKES];      ///< The path of each take, as the source writes it.
    struct wn_slice item_take_paths[WN_TAKES]; ///< The same of an item's.
};

/** What a section adds: all that names a field of its type. */
struct wn_section_plan {
    uint8_t lists[WN_LISTS]; ///< Numbers of the lists of `each`, in order of preference.
    unsigned n_lists;
    const struct wn_entry *items; ///< Of `usage`.
    size_t n_items;
    const struct wn_entry *fields;
    size_t n_fields;
    const struct wn_whose *subscriber;
    size_t n_subscriber;
    const struct wn_flagging *flags;
    size_t n_flags;
    struct wn_from required[WN_PLAN_REQUIRED];
    size_t n_required;
    uint64_t amounts, currencies; ///< Slots of these kinds: one is nothing without the other.

    uint8_t key_takes[3 * WN_KEY_PARTS]; ///< Takes that stand in a key: scalars only.
    size_t n_key_takes;

    /** Lines of the source file; 0: it does not say. */
    struct {
        unsigned subscriber, duplicate_key, content, session_key;
    } lines;

    /** Words that defaults and rules need, as indices into the shape's lists, or -1. */
    struct {
        int originating, terminating, direction_unknown, sms;
        int ambiguous_time, node_zone, roaming;
    } words;
};

/** What conditions and terms look at: a record, or an item of it. */
struct wn_scope {
    const struct wn_decoded *decoded;
    const struct wn_taken *item; ///< NULL at the record's top.
    const struct wn_field *fields;
    const struct wn_value *values;
    uint64_t given; ///< Slots that an entry filled.
};

/** @return what becomes of a record for its kind alone: a filter, UNSUPPORTED_RECORD_TYPE, or NONE.
 */
enum wn_reason wn_plan_fate(const struct wn_source_plan *plan, const struct wn_record_kind *kind);

/** @return the scope of a whole record. */
struct wn_scope wn_scope_of(const struct wn_decoded *decoded);

/** @return the value of a slot, as the source gave it, or NULL: a withheld number too. */
const struct wn_value *wn_scope_value(const struct wn_scope *scope, uint8_t slot);

/** @return what was found for a path. */
const struct wn_taken *wn_scope_taken(const struct wn_scope *scope,
                                      const struct wn_plan_path *path);

/** @return the text of a value that is present, by its form; nothing where it can't be read. */
struct wn_slice wn_decoded_text(const struct wn_decoded *decoded, const struct wn_taken *taken);

/** @return whether a condition holds; NULL always does. */
bool wn_scope_holds(const struct wn_scope *scope, const struct wn_condition *condition);

/** @return the first element with a value among those of a path, or NULL. */
const struct wn_taken *wn_taken_first(const struct wn_taken *taken);

/** @return whether values of this kind are in `value.number`, as a number. */
bool wn_kind_is_number(enum wn_kind kind);

/** A record, or an item, being filled. */
struct wn_fill {
    const struct wn_source_plan *plan;
    const struct wn_section_plan *section; ///< NULL: not chosen yet; only the node is filled.
    struct wn_scope scope;
    struct wn_value *values; ///< The same as `scope.values`.
    struct wn_arena *arena;
    struct wn_drift *drift; ///< May be NULL.
    uint64_t asked;         ///< Number slots whose withholding was asked for.
    uint64_t twice;         ///< Slots whose value comes of a local time that fits two instants.
    int64_t *later;         ///< By slot, where `twice` has a bit: the value by the other instant.
    bool ambiguous;         ///< A time of an item was.
};

/** Begin to fill a record that a format has decoded, by its section where that is chosen. */
struct wn_fill wn_fill_begin(struct wn_decoded *decoded, struct wn_arena *arena,
                             struct wn_drift *drift);

/** Begin to fill the `i`-th item of it. */
struct wn_fill wn_fill_begin_item(const struct wn_fill *fill, unsigned i, struct wn_value *values);

/** Find which switch wrote a record; `record->node` is empty before. @return WN_OK, or WN_REJECT.
 */
WN_NODISCARD
enum wn_code wn_fill_node(struct wn_fill *fill, struct wn_record *record, struct wn_error *err);

/** Find the number that a record has of its node's own count, as far as it was taken apart. */
void wn_fill_gaps(struct wn_decoded *decoded, struct wn_arena *arena);

/** The same of a part: the number of the file; `numbered.node` is in the arena. */
void wn_fill_file(struct wn_decoded *decoded, struct wn_arena *arena);

/**
 * Find what a record is, once its node is known: the first section whose condition holds, and the
 * list that its items are of.
 *
 * @return WN_OK, or WN_REJECT: "unknown-record-type".
 */
WN_NODISCARD
enum wn_code wn_fill_choose_section(struct wn_fill *fill, struct wn_decoded *decoded,
                                    struct wn_error *err);

/** What came of reading a term. All-zero: absent. */
struct wn_read {
    struct wn_value value;
    bool present;
    bool asked;    ///< Of a number: a placeholder asked that it be withheld.
    bool twice;    ///< Two instants fit; `value` is by the first.
    int64_t later; ///< The value by the other one.
};

/** Read a term. @return WN_OK, or WN_REJECT with the reason of its conversion. */
WN_NODISCARD
enum wn_code wn_fill_term(struct wn_fill *fill, const struct wn_term *term,
                          struct wn_read *ret_read, struct wn_error *err);

/** Apply entries, in order. @return WN_OK, or WN_REJECT. */
WN_NODISCARD
enum wn_code wn_fill_entries(struct wn_fill *fill, const struct wn_entry *entries, size_t n,
                             struct wn_error *err);

/**
 * Find whom a record is about.
 *
 * @param scratch  Working memory; wiped.
 * @return WN_OK (also where nobody is found), or WN_REJECT.
 */
WN_NODISCARD
enum wn_code wn_fill_subscriber(struct wn_fill *fill, struct wn_record *record,
                                struct wn_buffer *scratch, struct wn_error *err);

/**
 * Find out which of two instants is meant, of `start` and `end`, where `duration` says it: to be
 * called once all fields are filled. What stays open is ambiguous.
 */
void wn_fill_settle(struct wn_fill *fill, const struct wn_record *record);

/** Take the second of two instants that are still open, where the source says so. */
void wn_fill_take_second(struct wn_fill *fill);

/** @return whether one instant is left of two, by `near`. */
bool wn_fill_choose(struct wn_fill *fill, const struct wn_near *near, struct wn_read *read);

/** An input's totals as they grow. All-zero: no input has begun. */
struct wn_totals {
    bool begun;
    struct wn_declared list[WN_DECLARED];
    struct wn_arena arena; ///< Of the part or value at hand.
};

/** A new input begins. */
void wn_totals_begin(struct wn_totals *totals, const struct wn_source_plan *plan);

/** A record was cut off the input. */
void wn_totals_count(struct wn_totals *totals, const struct wn_source_plan *plan);

/** Octets of the input were passed. */
void wn_totals_pass(struct wn_totals *totals, const struct wn_source_plan *plan, size_t n);

/** A record was taken apart: sum what is to be summed. */
void wn_totals_sum(struct wn_totals *totals, const struct wn_source_plan *plan,
                   const struct wn_decoded *decoded);

/** A part that is no record was taken apart: read what it declares. @param taken  NULL: it can't
 * be.
 */
void wn_totals_declare(struct wn_totals *totals, const struct wn_source *source,
                       const struct wn_taken_set *taken);

/** Give defaults, take withheld numbers out, fill the other party's number. */
void wn_fill_finish(struct wn_fill *fill, struct wn_decoded *decoded);

#endif
