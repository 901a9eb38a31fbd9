// SPDX-License-Identifier: Apache-2.0

/**
 * What it costs to cut a file into records and to decode them, beside the least that anybody must
 * do with its bytes: look for the ends of lines (memchr).
 *
 *     bench_decode POLICY SOURCE.yaml FILE     prints: name value unit (what)
 *
 * The file is in memory; nothing is hashed, judged or written.
 */

#include <string.h>

#include "bench.h"
#include "bench_source.h"

enum {
    RUNS = 5
};

static void look_for_lines(struct wn_slice rest)
{
    static volatile size_t lines; // Somebody must want to know.
    for (const char *at; (at = memchr(rest.at, '\n', rest.len)) != NULL;) {
        rest = wn_slice_after(rest, (size_t)(at - rest.at) + 1);
        lines++;
    }
}

/** @return records; what could not be cut or decoded counts, too. */
static size_t cut(struct wn_decoder *decoder, struct wn_slice rest, bool decodes,
                  struct wn_drift *drift)
{
    size_t n = 0;
    wn_decoder_begin(decoder);
    for (;; n++) {
        struct wn_slice raw;
        struct wn_decoded *decoded;
        struct wn_error err;
        enum wn_code rc = wn_decoder_split(decoder, &rest, true, &raw, &err);
        if (rc == WN_OK && raw.len == 0) {
            return n;
        }
        if (rc == WN_OK && decodes) {
            (void)!wn_decoder_decode(decoder, raw, drift, &decoded, &err);
        }
    }
}

static void measure(const struct wn_source *source, struct wn_slice bytes)
{
    struct wn_decoder *decoder = wn_decoder_open(source);
    struct wn_drift *drift = wn_drift_open();
    struct bench_series series[3] = { { .n = 0 } };
    size_t n = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        double at[4];
        at[0] = bench_cpu_s();
        look_for_lines(bytes);
        at[1] = bench_cpu_s();
        (void)cut(decoder, bytes, false, NULL);
        at[2] = bench_cpu_s();
        n = cut(decoder, bytes, true, drift);
        at[3] = bench_cpu_s();
        for (unsigned i = 0; i < 3; i++) {
            bench_add(&series[i], (at[i + 1] - at[i]) / (double)n * 1e9);
        }
    }
    const double lines = bench_quantile(&series[0], 0.5);
    const double split = bench_quantile(&series[1], 0.5);
    const double all = bench_quantile(&series[2], 0.5);
    bench_print("records", (double)n, "records", source->name);
    bench_print("memchr", lines, "ns/record", "ends of lines over the same bytes; median");
    bench_print("split", split, "ns/record", "cut into records");
    bench_print("decode", all - split, "ns/record", "decoded and filled by the source");
    bench_print("split_ratio", split / lines, "x", "split over memchr");
    bench_print("decode_ratio", (all - split) / lines, "x", "decode over memchr");
    wn_drift_close(drift);
    wn_decoder_close(decoder);
}

int main(int argc, char **argv)
{
    struct bench_source loaded = { 0 };
    if (argc != 4) {
        fprintf(stderr, "bench_decode POLICY SOURCE.yaml FILE\n");
        return 2;
    }
    const bool fine = bench_source_load("bench_decode", argv + 1, &loaded);
    if (fine) {
        measure(loaded.source, wn_buffer_slice(&loaded.bytes));
    }
    bench_source_deinit(&loaded);
    return fine ? 0 : 1;
}
