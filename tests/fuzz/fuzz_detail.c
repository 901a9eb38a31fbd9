// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"

/** No octet is lost or doubled, and chunks change nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_paths *paths = wn_paths_open();
    fuzz_add_paths(paths, "/User-Name /A /Class/* /B");
    wn_paths_compile(paths);
    struct wn_format_options options = { .paths = paths,
                                         .otherwise = (enum wn_encoding)(size % 3) };
    fuzz_format(&wn_format_detail, &options, data, size);
    wn_paths_close(paths);
    return 0;
}
