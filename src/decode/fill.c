// SPDX-License-Identifier: Apache-2.0

/*
 * A raw record becomes a record, by the source's plan:
 *
 *     node → section → items → fields → subscriber → defaults → withheld numbers → other → flags
 *
 * Conditions see what the source gave (`given`), never a default, so that a rule can tell a
 * record without a direction from one whose direction is unknown. A withheld number is taken out
 * last, when the direction is known; keys and filters, which never let a value out, still see it.
 */

#include <assert.h>
#include <stdlib.h>

#include "plan.h"
#include "winnow/identifier.h"

struct wn_decoder {
    const struct wn_source *source;
    struct wn_reader *reader;
    struct wn_arena arena;
    struct wn_buffer scratch;
    struct wn_decoded decoded;
    struct wn_totals totals;
    struct wn_arena part;  ///< Of the part at hand that is no record.
    wn_filed_visit *filed; ///< NULL: nobody asks.
    void *filed_context;
};

struct wn_decoder *wn_decoder_open(const struct wn_source *source)
{
    struct wn_decoder *decoder = calloc(1, sizeof(*decoder));
    if (!decoder) {
        abort(); // As wn_buffer_room(): there is no sane way on.
    }
    decoder->source = source;
    decoder->reader = source->format->open(&source->plan->options);
    return decoder;
}

struct wn_decoder *wn_decoder_close(struct wn_decoder *decoder)
{
    if (decoder) {
        wn_buffer_wipe(&decoder->scratch);
        wn_buffer_deinit(&decoder->scratch);
        wn_arena_deinit(&decoder->arena);
        wn_arena_deinit(&decoder->part);
        wn_arena_deinit(&decoder->totals.arena);
        decoder->source->format->close(decoder->reader);
        free(decoder);
    }
    return NULL;
}

void wn_decoder_begin(struct wn_decoder *decoder)
{
    decoder->source->format->begin(decoder->reader);
    wn_totals_begin(&decoder->totals, decoder->source->plan);
}

void wn_decoder_watch_files(struct wn_decoder *decoder, wn_filed_visit *visit, void *context)
{
    decoder->filed = visit;
    decoder->filed_context = context;
}

unsigned wn_decoder_end(struct wn_decoder *decoder, struct wn_drift *drift,
                        struct wn_declared ret_declared[WN_DECLARED])
{
    if (decoder->source->format->end) {
        decoder->source->format->end(decoder->reader, drift);
    }
    const unsigned n = decoder->totals.begun ? decoder->source->plan->n_totals : 0;
    decoder->totals.begun = false;
    memcpy(ret_declared, decoder->totals.list, n * sizeof(*ret_declared));
    return n;
}

/** Take apart a part of the input that is no record. */
static void take_part(struct wn_decoder *decoder, struct wn_slice raw)
{
    const struct wn_source *source = decoder->source;
    struct wn_taken_set taken;
    struct wn_error unused; // No record is lost by it: that it can't be read is said at the end.
    if (source->plan->n_totals == 0 && source->plan->gaps.file_number.from.n_paths == 0) {
        return;
    }
    wn_arena_reset(&decoder->part);
    enum wn_code rc =
        source->format->decode_part(decoder->reader, raw, &decoder->part, &taken, &unused);
    wn_totals_declare(&decoder->totals, source, rc == WN_OK ? &taken : NULL);
    if (rc == WN_OK && decoder->filed) {
        struct wn_decoded decoded = { .source = source,
                                      .record = { .shape = source->sections[0].shape },
                                      .taken = taken };
        wn_fill_file(&decoded, &decoder->part);
        if (decoded.numbered.there) {
            decoder->filed(decoder->filed_context, &decoded.numbered);
        }
    }
}

enum wn_code wn_decoder_split(struct wn_decoder *decoder, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_raw, struct wn_error *err)
{
    const struct wn_format *format = decoder->source->format;
    for (;;) {
        const char *before = rest->at;
        enum wn_code rc = format->split(decoder->reader, rest, end, ret_raw, err);
        wn_totals_pass(&decoder->totals, decoder->source->plan, (size_t)(rest->at - before));
        if (rc == WN_RETRY || (rc == WN_OK && ret_raw->len == 0)) {
            return rc;
        }
        if (rc != WN_OK || !format->is_part || !format->is_part(decoder->reader)) {
            wn_totals_count(&decoder->totals, decoder->source->plan);
            return rc;
        }
        take_part(decoder, *ret_raw);
    }
}

/** Put a further part behind a name, with a hyphen between them. */
static struct wn_slice join(struct wn_arena *arena, struct wn_slice name, struct wn_slice part)
{
    if (name.len == 0 || part.len == 0) {
        return name.len == 0 ? part : name;
    }
    char *text = wn_arena_take(arena, name.len + 1 + part.len);
    memcpy(text, name.at, name.len);
    text[name.len] = '-';
    memcpy(text + name.len + 1, part.at, part.len);
    return (struct wn_slice){ text, name.len + 1 + part.len };
}

struct wn_fill wn_fill_begin(struct wn_decoded *decoded, struct wn_arena *arena,
                             struct wn_drift *drift)
{
    return (struct wn_fill){
        .plan = decoded->source->plan,
        .section = decoded->section ? decoded->section->plan : NULL,
        .scope = wn_scope_of(decoded),
        .values = decoded->record.values,
        .arena = arena,
        .drift = drift,
    };
}

struct wn_fill wn_fill_begin_item(const struct wn_fill *fill, unsigned i, struct wn_value *values)
{
    const struct wn_decoded *decoded = fill->scope.decoded;
    return (struct wn_fill){
        .plan = fill->plan,
        .section = fill->section,
        .scope = { .decoded = decoded,
                   .item =
                       decoded->taken.items + (size_t)i * wn_paths_count_item(fill->plan->paths),
                   .fields = decoded->record.shape->items,
                   .values = values },
        .values = values,
        .arena = fill->arena,
        .drift = fill->drift,
    };
}

/** Find a node's name at paths: the first that is present, or all of them joined. */
static enum wn_code find_node(const struct wn_fill *fill, const struct wn_naming *naming,
                              struct wn_slice *name, struct wn_error *err)
{
    const struct wn_source_plan *plan = fill->plan;
    const struct wn_from *from = &naming->from;
    for (unsigned i = 0; i < from->n_paths && (naming->joins || name->len == 0); i++) {
        const struct wn_taken *taken =
            wn_taken_first(wn_scope_taken(&fill->scope, &from->paths[i]));
        struct wn_slice part;
        if (!taken) {
            continue;
        }
        if (taken->state == WN_TAKEN_COMPOSITE) {
            return wn_fail(err, WN_REJECT, "bad-identifier",
                           "node: an object or a list, and one value is wanted");
        }
        if (wn_text_utf8(wn_decoded_text(fill->scope.decoded, taken), plan->reading.otherwise,
                         fill->arena, &part, err) != WN_OK) {
            return wn_context(err, "node");
        }
        if (naming->before_epoch) {
            part = wn_time_name_of_id(part);
        }
        *name = join(fill->arena, *name, part);
    }
    return WN_OK;
}

enum wn_code wn_fill_node(struct wn_fill *fill, struct wn_record *record, struct wn_error *err)
{
    const struct wn_source_plan *plan = fill->plan;
    if (find_node(fill, &plan->node, &record->node, err) != WN_OK) {
        return err->code;
    }
    if (record->node.len == 0) {
        record->node = plan->node_otherwise;
    }
    return WN_OK;
}

/** Read the number of a record or a file. @return whether it has one. */
static bool read_number(struct wn_fill *fill, const struct wn_term *term,
                        struct wn_numbered *numbered)
{
    struct wn_read read;
    struct wn_error unused; // Nothing is refused for it.
    const enum wn_code rc = wn_fill_term(fill, term, &read, &unused);
    numbered->there = rc != WN_OK || read.present;
    numbered->readable = rc == WN_OK && read.present && read.value.number >= 0 &&
                         read.value.number <= (int64_t)UINT32_MAX;
    numbered->number = numbered->readable ? (uint32_t)read.value.number : 0;
    return numbered->there;
}

void wn_fill_file(struct wn_decoded *decoded, struct wn_arena *arena)
{
    const struct wn_source_plan *plan = decoded->source->plan;
    struct wn_numbered *numbered = &decoded->numbered;
    struct wn_fill fill = wn_fill_begin(decoded, arena, NULL);
    struct wn_error unused;
    struct wn_slice node = { 0 };
    if (plan->gaps.file_number.from.n_paths == 0 ||
        !read_number(&fill, &plan->gaps.file_number, numbered)) {
        return;
    }
    if (find_node(&fill, &plan->gaps.file_node, &node, &unused) != WN_OK) {
        node.len = 0;
    }
    numbered->node = join(arena, wn_slice_of("files"), node);
}

void wn_fill_gaps(struct wn_decoded *decoded, struct wn_arena *arena)
{
    const struct wn_source_plan *plan = decoded->source->plan;
    struct wn_numbered *numbered = &decoded->numbered;
    if (plan->gaps.number.from.n_paths == 0 || !decoded->taken.top) {
        return;
    }
    struct wn_fill fill = wn_fill_begin(decoded, arena, NULL);
    struct wn_error unused;
    if (!read_number(&fill, &plan->gaps.number, numbered)) {
        return;
    }
    enum wn_code rc = find_node(&fill, &plan->gaps.node, &numbered->node, &unused);
    if (rc != WN_OK || numbered->node.len == 0) {
        struct wn_record record = { .node = { 0 } };
        rc = wn_fill_node(&fill, &record, &unused);
        numbered->node = rc == WN_OK ? record.node : (struct wn_slice){ 0 };
    }
}

enum wn_code wn_fill_choose_section(struct wn_fill *fill, struct wn_decoded *decoded,
                                    struct wn_error *err)
{
    const struct wn_source *source = decoded->source;
    for (unsigned i = 0; i < source->n_sections; i++) {
        const struct wn_section *section = &source->sections[i];
        if (wn_scope_holds(&fill->scope, section->when)) {
            decoded->section = section;
            decoded->record.shape = section->shape;
            fill->section = section->plan;
            fill->scope.fields = section->shape->fields;
            wn_taken_pick(&decoded->taken, section->plan->lists, section->plan->n_lists);
            return WN_OK;
        }
    }
    return wn_fail(err, WN_REJECT, "unknown-record-type",
                   "no entry of `types` takes this record; add one, or one without `when` as the "
                   "last");
}

/** A flag of an item that no entry fills is false. */
static void fill_item_defaults(const struct wn_shape *shape, struct wn_item *item)
{
    for (unsigned i = 0; i < shape->n_items; i++) {
        if (shape->items[i].kind == WN_KIND_FLAG && !shape->items[i].nullable &&
            (item->present >> i & 1) == 0) {
            item->values[i] = (struct wn_value){ 0 };
            item->present |= UINT32_C(1) << i;
        }
    }
}

static enum wn_code fill_items(struct wn_fill *fill, struct wn_decoded *decoded,
                               struct wn_error *err)
{
    const struct wn_section_plan *plan = fill->section;
    struct wn_record *record = &decoded->record;
    const struct wn_shape *shape = record->shape;

    if (plan->n_items == 0 || decoded->taken.n_items == 0) {
        return WN_OK;
    }
    if (decoded->taken.n_items > WN_ITEMS) {
        return wn_fail(err, WN_REJECT, "too-many-items", "usage: more than %d items", WN_ITEMS);
    }
    record->items = wn_arena_take(fill->arena, decoded->taken.n_items * sizeof(*record->items));
    for (unsigned i = 0; i < decoded->taken.n_items; i++) {
        struct wn_item *item = &record->items[i];
        struct wn_fill inner = wn_fill_begin_item(fill, i, item->values);
        item->present = 0;
        if (wn_fill_entries(&inner, plan->items, plan->n_items, err) != WN_OK) {
            return wn_context(err, "usage, item %u", i);
        }
        item->present = (uint32_t)inner.scope.given;
        fill_item_defaults(shape, item);
        wn_fill_take_second(&inner);
        fill->ambiguous |= inner.twice != 0;
        record->n_items++;
    }
    record->present |= UINT64_C(1) << shape->group;
    return WN_OK;
}

/** A key's value that is an object or a list would be the same for every record: refused. */
static enum wn_code check_key_takes(const struct wn_section_plan *plan,
                                    const struct wn_decoded *decoded, struct wn_error *err)
{
    for (size_t i = 0; i < plan->n_key_takes; i++) {
        if (decoded->taken.top[plan->key_takes[i]].state == WN_TAKEN_COMPOSITE) {
            return wn_fail(err, WN_REJECT, "bad-identifier",
                           "a part of a key is an object or a list, and one value is wanted");
        }
    }
    return WN_OK;
}

static enum wn_code fill_record(struct wn_decoder *decoder, struct wn_drift *drift,
                                struct wn_error *err)
{
    struct wn_decoded *decoded = &decoder->decoded;
    struct wn_record *record = &decoded->record;
    struct wn_fill fill = wn_fill_begin(decoded, &decoder->arena, drift);

    if (wn_fill_node(&fill, record, err) != WN_OK ||
        wn_fill_choose_section(&fill, decoded, err) != WN_OK) {
        return err->code;
    }
    const struct wn_section_plan *plan = fill.section;
    assert(plan); // A section was chosen.
    if (fill_items(&fill, decoded, err) != WN_OK ||
        wn_fill_entries(&fill, plan->fields, plan->n_fields, err) != WN_OK ||
        check_key_takes(plan, decoded, err) != WN_OK) {
        return err->code;
    }
    decoded->given = fill.scope.given;
    record->present |= fill.scope.given;
    wn_fill_settle(&fill, record);
    wn_fill_take_second(&fill);
    if (wn_fill_subscriber(&fill, record, &decoder->scratch, err) != WN_OK) {
        return err->code;
    }
    wn_fill_finish(&fill, decoded);
    for (size_t i = 0; i < plan->n_flags; i++) {
        if (wn_condition_holds(plan->flags[i].when, decoded)) {
            record->flags |= plan->flags[i].bit;
        }
    }
    return WN_OK;
}

/** Forget the record before; values of absent slots are unspecified. */
static void forget(struct wn_decoder *decoder)
{
    struct wn_decoded *decoded = &decoder->decoded;
    struct wn_record *record = &decoded->record;

    wn_arena_reset(&decoder->arena);
    decoded->source = decoder->source;
    decoded->section = NULL;
    decoded->taken = (struct wn_taken_set){ 0 };
    decoded->fate = WN_REASON_NONE;
    decoded->read = false;
    decoded->numbered = (struct wn_numbered){ .there = false };
    decoded->given = 0;
    decoded->hidden = 0;
    decoded->hidden_values = NULL;
    decoded->hidden_subscriber = (struct wn_slice){ 0 };
    decoded->arena = &decoder->arena;
    record->shape = decoder->source->sections[0].shape;
    record->present = 0;
    record->items = NULL;
    record->n_items = 0;
    record->node = (struct wn_slice){ 0 };
    record->subscriber_kind = WN_KIND_NONE;
    record->subscriber = (struct wn_slice){ 0 };
    record->flags = 0;
    record->has_session = false;
    record->source = wn_slice_of(decoder->source->name);
    record->origin = (struct wn_origin){ 0 };
}

enum wn_code wn_decoder_decode(struct wn_decoder *decoder, struct wn_slice raw,
                               struct wn_drift *drift, struct wn_decoded **ret_decoded,
                               struct wn_error *err)
{
    const struct wn_format *format = decoder->source->format;

    forget(decoder);
    *ret_decoded = &decoder->decoded;
    enum wn_code rc =
        format->decode(decoder->reader, raw, &decoder->arena, drift, &decoder->decoded.taken, err);
    wn_fill_gaps(&decoder->decoded, &decoder->arena);
    if (rc != WN_OK) {
        return rc;
    }
    wn_totals_sum(&decoder->totals, decoder->source->plan, &decoder->decoded);
    decoder->decoded.read = true;
    decoder->decoded.fate = wn_plan_fate(decoder->source->plan, decoder->decoded.taken.kind);
    if (decoder->decoded.fate == WN_REASON_UNSUPPORTED_RECORD_TYPE) {
        return wn_fail(err, WN_REJECT, "unsupported-record-type",
                       "usage that this version has no table of, or that the source's `records` "
                       "leaves aside");
    }
    if (decoder->decoded.fate != WN_REASON_NONE) {
        return WN_OK; // It is counted; what is in it is nobody's business.
    }
    return fill_record(decoder, drift, err);
}
