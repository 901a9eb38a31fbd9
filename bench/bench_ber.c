// SPDX-License-Identifier: Apache-2.0

/**
 * What it costs to cut and decode BER with a source, beside the least that anybody must do with it:
 * walk over every element (tag, length, into what is constructed).
 *
 *     bench_ber POLICY SOURCE.yaml FILE     prints: name value unit (what)
 *
 * Ours is what sift does with the same bytes before it judges: wn_decoder_split() and
 * wn_decoder_decode(), every check on. The walk and ours run in turn over the same memory; the
 * ratio is the median of the pairs. FILE holds records one after the other, without headers.
 */

#include "bench.h"
#include "bench_source.h"

enum {
    RUNS = 11,
    DEPTH = 64, ///< Of the walk.
    INDEFINITE = 0x80
};

/** What the walk found; printed, so that no compiler may leave it out. */
struct walked {
    size_t elements;
    size_t octets; ///< Of primitive contents.
    bool broken;
};

/** What stands before a content. */
struct head {
    bool constructed;
    bool open; ///< Of indefinite length.
    bool end;  ///< The end of such a content.
    size_t len;
};

/** @return where the content begins, NULL: broken. */
static inline const unsigned char *read_head(const unsigned char *at, const unsigned char *end,
                                             struct head *head)
{
    const unsigned char first = *at++;
    if ((first & 0x1f) == 0x1f) {
        while (at < end && *at & 0x80) {
            at++;
        }
        at++;
    }
    if (at >= end) {
        return NULL;
    }
    size_t len = *at++;
    head->constructed = first & 0x20;
    head->open = len == INDEFINITE;
    head->end = first == 0 && len == 0;
    if (len > INDEFINITE) {
        size_t n = len & 0x7f;
        if (n > sizeof(len) || n > (size_t)(end - at)) {
            return NULL;
        }
        for (len = 0; n > 0; n--) {
            len = len << 8 | *at++;
        }
    }
    head->len = head->open ? 0 : len;
    return head->len > (size_t)(end - at) ? NULL : at;
}

/** Elements up to `end`, or to the end of contents. @return what is behind them, NULL: broken. */
static const unsigned char *walk( // NOLINT(misc-no-recursion): to DEPTH
    const unsigned char *at, const unsigned char *end, bool open, unsigned depth,
    struct walked *walked)
{
    while (at < end) {
        struct head head;
        at = read_head(at, end, &head);
        if (!at || (open && head.end)) {
            return at;
        }
        walked->elements++;
        if (!head.constructed) {
            walked->octets += head.len;
            at += head.len;
            continue;
        }
        if (depth == 0) {
            return NULL;
        }
        at = walk(at, head.open ? end : at + head.len, head.open, depth - 1, walked);
        if (!at) {
            return NULL;
        }
    }
    return open ? NULL : at;
}

static struct walked walk_all(struct wn_slice bytes)
{
    struct walked walked = { 0 };
    const unsigned char *at = (const unsigned char *)bytes.at;
    walked.broken = !walk(at, at + bytes.len, false, DEPTH, &walked);
    return walked;
}

struct decoded {
    size_t records;
    size_t refused; ///< By split or decode: would be quarantined.
    size_t fated;   ///< Filtered by their kind (`records`): nothing is filled.
};

static struct decoded decode_all(struct wn_decoder *decoder, struct wn_slice rest, bool decodes,
                                 struct wn_drift *drift)
{
    struct decoded found = { 0 };
    wn_decoder_begin(decoder);
    for (;; found.records++) {
        struct wn_slice raw;
        struct wn_decoded *decoded = NULL;
        struct wn_error err;
        enum wn_code rc = wn_decoder_split(decoder, &rest, true, &raw, &err);
        if (rc == WN_OK && raw.len == 0) {
            return found;
        }
        if (rc == WN_OK && decodes) {
            rc = wn_decoder_decode(decoder, raw, drift, &decoded, &err);
        }
        found.refused += rc != WN_OK;
        found.fated += rc == WN_OK && decoded && decoded->fate != WN_REASON_NONE;
    }
}

/** ns of CPU a record, of each run. */
struct series {
    struct bench_series walk;
    struct bench_series split;
    struct bench_series decode; ///< With the split.
    struct bench_series ratio;
};

static void print(const char *name, size_t octets, struct walked walked, struct decoded found,
                  const struct series *series)
{
    const double n = (double)found.records;
    bench_print("records", n, "records", name);
    bench_print("refused", (double)found.refused, "records", "by split or decode");
    bench_print("unfilled", (double)found.fated, "records", "filtered by their kind");
    bench_print("octets", (double)octets / n, "octets/record", "mean");
    bench_print("elements", (double)walked.elements / n, "elements/record", "mean");
    bench_print("content", (double)walked.octets / n, "octets/record", "of primitive elements");
    bench_print("walk", bench_quantile(&series->walk, 0.5), "ns/record", "plain walk; median");
    bench_print("walk_best", bench_quantile(&series->walk, 0), "ns/record", "the least");
    bench_print("split", bench_quantile(&series->split, 0.5), "ns/record",
                "cut into records; median");
    bench_print("decode", bench_quantile(&series->decode, 0.5), "ns/record",
                "split and decode; median");
    bench_print("decode_best", bench_quantile(&series->decode, 0), "ns/record", "the least");
    bench_print("decode_ratio", bench_quantile(&series->ratio, 0.5), "x",
                "split and decode over the walk, median of pairs; limit 3.0");
}

/** @return false: the bytes are not BER from end to end. */
static bool measure(const struct wn_source *source, struct wn_slice bytes)
{
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_drift *drift = wn_drift_open();
    struct series series = { .walk = { .n = 0 } };
    struct walked walked = walk_all(bytes);
    struct decoded found = { 0 };
    const bool fine = !walked.broken && bytes.len > 0;
    for (unsigned run = 0; run < RUNS && fine; run++) {
        double at[4];
        at[0] = bench_cpu_s();
        walked = walk_all(bytes);
        at[1] = bench_cpu_s();
        found = decode_all(decoder, bytes, true, drift);
        at[2] = bench_cpu_s();
        (void)decode_all(decoder, bytes, false, NULL);
        at[3] = bench_cpu_s();
        const double n = (double)found.records / 1e9;
        bench_add(&series.walk, (at[1] - at[0]) / n);
        bench_add(&series.decode, (at[2] - at[1]) / n);
        bench_add(&series.split, (at[3] - at[2]) / n);
        bench_add(&series.ratio, (at[2] - at[1]) / (at[1] - at[0]));
    }
    if (fine) {
        print(source->name, bytes.len, walked, found, &series);
    }
    wn_drift_close(drift);
    wn_decoder_close(decoder);
    return fine;
}

int main(int argc, char **argv)
{
    struct bench_source loaded = { 0 };
    if (argc != 4) {
        fprintf(stderr, "bench_ber POLICY SOURCE.yaml FILE\n");
        return 2;
    }
    bool fine = bench_source_load("bench_ber", argv + 1, &loaded);
    if (fine && !measure(loaded.source, wn_buffer_slice(&loaded.bytes))) {
        fprintf(stderr, "bench_ber: %s: not BER from end to end\n", argv[3]);
        fine = false;
    }
    bench_source_deinit(&loaded);
    return fine ? 0 : 1;
}
