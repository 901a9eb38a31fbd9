// SPDX-License-Identifier: Apache-2.0

#include "winnow/look.h"

#include <sys/stat.h>

#include "files_input.h"

enum {
    EVER_DAYS = 300 * 366, ///< No entry is forgotten, as in files.c.
};

struct look {
    const struct wn_look_options *options;
    wn_look_visit *visit;
    void *context;
    struct wn_pipeline *pipeline;
    struct wn_state *state;
    struct wn_tally *tally;
    struct wn_input_list inputs;
    struct wn_window window;
    int64_t offset;      ///< Of what comes next in the content.
    const char *counted; ///< Lines are counted up to here, in the window.
    uint64_t lines, n;
    bool enough;
};

static enum wn_code drop_usage(void *context, const struct wn_usage *usage, struct wn_error *err)
{
    (void)context;
    (void)usage;
    (void)err;
    return WN_OK;
}

static enum wn_code drop_piece(void *context, struct wn_slice avro, struct wn_error *err)
{
    (void)context;
    (void)avro;
    (void)err;
    return WN_OK;
}

/** Count the lines that end before `to`. */
static void count_lines(struct look *look, const char *to)
{
    while (look->counted < to) {
        const char *end = memchr(look->counted, '\n', (size_t)(to - look->counted));
        look->lines += end ? 1 : 0;
        look->counted = end ? end + 1 : to;
    }
}

static enum wn_code watch(void *context, const struct wn_sighting *sighting, struct wn_error *err)
{
    struct look *look = context;
    count_lines(look, sighting->raw.at);
    const struct wn_looked looked = {
        .number = ++look->n,
        .line = look->lines + 1,
        .sighting = sighting,
        .tally = look->tally,
    };
    look->enough = !look->visit(look->context, &looked);
    wn_tally_clear(look->tally);
    return look->enough ? wn_fail(err, WN_ABORT, "internal", "enough was seen") : WN_OK;
}

/** Take the records out of a window: wn_content_visit. */
static enum wn_code take(void *context, bool begin, struct wn_slice *rest, bool end,
                         struct wn_error *err)
{
    struct look *look = context;
    const struct wn_lane lane = { .state = look->state,
                                  .tally = look->tally,
                                  .limits = look->options->limits,
                                  .lists = look->options->lists };
    struct wn_intake intake = {
        .rest = *rest, .origin = { .offset = look->offset }, .begin = begin, .end = end
    };
    look->counted = rest->at;
    if (wn_pipeline_bytes(look->pipeline, &lane, &intake, err) != WN_OK) {
        return err->code;
    }
    wn_state_commit(look->state);
    count_lines(look, intake.rest.at);
    look->offset += intake.rest.at - rest->at;
    *rest = intake.rest;
    return WN_OK;
}

/** Open what is looked at; a folder's files have names, which no report should say. */
static enum wn_code open_input(struct look *look, const char *file, struct wn_error *err)
{
    struct stat status;
    if (strcmp(file, "-") != 0 && stat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        return wn_fail(err, WN_FATAL, "file-read", "%s: is a folder; name one of its files", file);
    }
    return wn_input_list_add(&look->inputs, file, 1, look->options->spool, err);
}

static enum wn_code open_parts(struct look *look, const struct wn_sink *sink, struct wn_error *err)
{
    const struct wn_pipeline_options options = {
        .policy = look->options->policy,
        .source = look->options->source,
        .keyring = look->options->keyring,
        .sink = sink,
        .watch = watch,
        .watcher = look,
    };
    return wn_state_open(NULL, "look", EVER_DAYS, &look->state, err) == WN_OK
               ? wn_pipeline_open(&options, &look->pipeline, err)
               : err->code;
}

enum wn_code wn_look(const struct wn_look_options *options, const char *file, wn_look_visit *visit,
                     void *context, uint64_t *ret_n, struct wn_error *err)
{
    const struct wn_sink sink = { NULL, drop_usage, drop_piece };
    struct look look = { .options = options, .visit = visit, .context = context };
    look.tally = wn_tally_open();
    enum wn_code rc = open_input(&look, file, err);
    rc = rc == WN_OK ? open_parts(&look, &sink, err) : rc;
    rc = rc == WN_OK ? wn_content_look(&look.inputs.list[0], &look.window, take, &look, err) : rc;
    rc = look.enough ? WN_OK : rc;
    *ret_n = look.n;
    wn_pipeline_close(look.pipeline);
    wn_state_close(look.state);
    wn_tally_close(look.tally);
    wn_input_list_deinit(&look.inputs);
    wn_window_deinit(&look.window);
    return rc;
}
