// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"

/** No octet is lost or doubled, and chunks change nothing; the second octet chooses a dialect. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct wn_slice columns[] = { wn_slice_of("a"), wn_slice_of("b"), wn_slice_of("c") };
    const struct wn_slice types[] = { wn_slice_of("INT"), wn_slice_of("V") };
    struct wn_paths *paths = wn_paths_open();
    fuzz_add_paths(paths, "/a /c");
    wn_paths_compile(paths);
    uint8_t dialect = size > 1 ? data[1] : 0;
    struct wn_format_options options = {
        .paths = paths,
        .csv_delimiter = (dialect & 1) != 0 ? '|' : ',',
        .csv_quote = (dialect & 2) != 0 ? 0 : '"',
        .csv_columns = (dialect & 4) != 0 ? columns : NULL,
        .n_csv_columns = (dialect & 4) != 0 ? WN_COUNT(columns) : 0,
        .csv_any_case = (dialect & 8) != 0,
        .csv_types = types,
        .n_csv_types = (dialect & 16) != 0 ? WN_COUNT(types) : 0,
    };
    const struct wn_slice first = wn_slice_of("T");
    const struct wn_csv_line line = { .name = wn_slice_of("t"),
                                      .first = &first,
                                      .n_first = 1,
                                      .columns = columns,
                                      .n_columns = WN_COUNT(columns) };
    struct wn_paths *parts = wn_paths_open();
    fuzz_add_paths(parts, "/t/b");
    wn_paths_compile(parts);
    options.parts = parts;
    options.csv_lines = &line;
    options.n_csv_lines = (dialect & 8) != 0 ? 1 : 0;
    fuzz_format(&wn_format_csv, &options, data, size);
    wn_paths_close(parts);
    wn_paths_close(paths);
    return 0;
}
