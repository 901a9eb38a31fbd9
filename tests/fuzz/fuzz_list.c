// SPDX-License-Identifier: Apache-2.0

/*
 * Any bytes are a list of helplines or give faults, each a printable line that holds no number of
 * the file. What is a list finds each of its own numbers.
 */

#include "scratch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "winnow/helplines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    DIGITS = 7 ///< In a row: a number's, no count's of ours.
};

static void check_faults(const struct wn_faults *faults, const char *path)
{
    unsigned lines = 0;
    unsigned digits = 0;
    for (size_t i = 0; i < faults->lines.len; i++) {
        char c = (char)faults->lines.at[i];
        lines += c == '\n';
        must(c == '\n' || (unsigned char)c >= ' ');
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        must(digits < DIGITS);
    }
    must(lines == faults->n && strlen(path) > 0);
}

/** Each row of the list that stands for one number is found by it. */
static void find_all(const struct wn_helplines *list)
{
    const struct wn_site site = wn_site_default();
    for (unsigned i = 0; i < list->n_rows; i++) {
        const struct wn_helpline *row = &list->rows[i];
        if (strchr(row->number, 'x')) {
            continue;
        }
        const struct wn_value value = {
            .text = wn_slice_of(row->number),
            .class = row->e164 ? WN_NUMBER_FREEPHONE : WN_NUMBER_SHORT,
            .marks = row->e164 ? WN_MARK_E164 : 0,
        };
        must(wn_helplines_find(list, &value, &site) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = scratch_file(data, size);
    char path[32];
    scratch_path(fd, path);
    struct wn_faults faults = { 0 };
    struct wn_helplines *list = NULL;
    bool fine = wn_helplines_read(path, &faults, &list);
    must(fine == (faults.n == 0) && fine == (list != NULL));
    check_faults(&faults, path);
    if (fine) {
        find_all(list);
    }
    wn_helplines_close(list);
    wn_faults_deinit(&faults);
    close(fd);
    return 0;
}
