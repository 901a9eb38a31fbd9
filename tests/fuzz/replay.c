// SPDX-License-Identifier: Apache-2.0

/** Runs a fuzz target over the files of its corpus, without libFuzzer. */

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    struct wn_buffer bytes = { 0 };
    size_t n;
    do {
        n = fread(wn_buffer_room(&bytes, 4096), 1, 4096, file);
        bytes.len += n;
    } while (n > 0);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes.at, bytes.len);
    // Each input is a table of its prefixes, too.
    for (size_t len = 0; len < bytes.len && bytes.len < 2000; len++) {
        LLVMFuzzerTestOneInput(bytes.at, len);
    }
    wn_buffer_deinit(&bytes);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        failed += replay(argv[i]);
    }
    return argc > 1 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
