// SPDX-License-Identifier: Apache-2.0

#include "frame.h"
#include "knows.h"
#include "walk.h"
#include "winnow/memory.h"

struct wn_reader {
    const struct wn_format_options *options;
    struct wn_framer framer;
    struct wn_arena arena;          ///< Routes.
    const struct wn_route **routes; ///< Of each record of the table; NULL: it has no fields.
    struct wn_taken **tails;        ///< WN_LANES × WN_TAKES.
    const struct wn_drift *drift;   ///< In which ways know their numbers,
    uint32_t learned;               ///< those of this mark.
};

static struct wn_reader *ber_open(const struct wn_format_options *options)
{
    struct wn_reader *reader = wn_take(1, sizeof(*reader));
    reader->options = options;
    wn_framer_begin(&reader->framer, (enum wn_framing)options->framing);
    reader->routes = wn_take(wn_ber_n_records, sizeof(void *));
    reader->tails = wn_take((size_t)WN_LANES * WN_TAKES, sizeof(struct wn_taken *));
    for (unsigned i = 0; i < wn_ber_n_records; i++) {
        if (wn_ber_records[i].fields != 0) {
            reader->routes[i] =
                wn_route_make(&reader->arena, options->paths, wn_ber_records[i].fields);
        }
    }
    return reader;
}

static struct wn_reader *ber_close(struct wn_reader *reader)
{
    if (reader) {
        free(reader->tails);
        free(reader->routes);
        wn_arena_deinit(&reader->arena);
        free(reader);
    }
    return NULL;
}

static void ber_begin(struct wn_reader *reader)
{
    wn_framer_begin(&reader->framer, (enum wn_framing)reader->options->framing);
}

static void ber_end(struct wn_reader *reader, struct wn_drift *drift)
{
    wn_framer_end(&reader->framer, drift);
}

static enum wn_code ber_split(struct wn_reader *reader, struct wn_slice *rest, bool end,
                              struct wn_slice *ret_raw, struct wn_error *err)
{
    return wn_framer_split(&reader->framer, rest, end, ret_raw, err);
}

static bool ber_is_part(const struct wn_reader *reader)
{
    return reader->framer.is_part;
}

static enum wn_code ber_decode_part(struct wn_reader *reader, struct wn_slice raw,
                                    struct wn_arena *arena, struct wn_taken_set *taken,
                                    struct wn_error *err)
{
    (void)err;
    wn_framer_decode_part(&reader->framer, raw, reader->options->parts, arena, taken);
    return WN_OK;
}

static enum wn_code ber_decode(struct wn_reader *reader, struct wn_slice raw,
                               struct wn_arena *arena, struct wn_drift *drift,
                               struct wn_taken_set *taken, struct wn_error *err)
{
    const struct wn_paths *paths = reader->options->paths;
    const struct wn_ber_record *record;
    struct wn_slice content;
    *taken = (struct wn_taken_set){
        .top = wn_arena_zeroed(arena, paths->n_takes, sizeof(*taken->top)),
    };
    if (wn_ber_dispatch(raw, reader->framer.record.standard, &record, &content, err) != WN_OK) {
        return err->code;
    }
    taken->kind = &record->kind;
    const struct wn_route *route = reader->routes[record - wn_ber_records];
    struct wn_taken_list *lists = wn_arena_zeroed(arena, paths->n_lists, sizeof(*lists));
    taken->lists = lists;
    if (!route) {
        return WN_OK;
    }
    if (drift && !(wn_drift_is_known(drift, reader) && reader->drift == drift)) {
        reader->drift = drift;
        reader->learned++;
    }
    struct wn_walk walk = {
        .paths = paths,
        .arena = arena,
        .drift = drift,
        .learned = reader->learned,
        .lists = lists,
        .rows = { taken->top },
        .err = err,
    };
    for (unsigned i = 0; i < WN_LANES; i++) {
        walk.tails[i] = reader->tails + (size_t)i * WN_TAKES;
    }
    if (wn_walk_record(&walk, route, content) != WN_OK) {
        return wn_context(err, "%s", record->kind.name);
    }
    return WN_OK;
}

static const struct wn_record_kind *ber_kind_at(unsigned i)
{
    return i < wn_ber_n_records ? &wn_ber_records[i].kind : NULL;
}

const struct wn_format wn_format_ber = {
    .name = "ber",
    .open = ber_open,
    .close = ber_close,
    .begin = ber_begin,
    .split = ber_split,
    .decode = ber_decode,
    .kind_at = ber_kind_at,
    .knows = wn_ber_knows,
    .end = ber_end,
    .is_part = ber_is_part,
    .decode_part = ber_decode_part,
};
