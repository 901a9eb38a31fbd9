// SPDX-License-Identifier: Apache-2.0

/* Every line of vectors.txt, which make_vectors.py wrote, is a test. */

#include "keys/derive.h"

#include <stdio.h>
#include <stdlib.h>

#include "table.h"
#include "winnow/hash.h"

enum {
    MOST = 256,
    LINE = 4096
};

struct row {
    const char *name;
    char text[LINE];
    char label[128];
};

static void check(void **state)
{
    struct row *row = *state;
    char *at = NULL;
    const char *columns[7];
    for (int i = 0; i < 7; i++) {
        columns[i] = strtok_r(i == 0 ? row->text : NULL, " \n", &at);
        assert_non_null(columns[i]);
    }
    static uint8_t canonical[LINE];
    uint8_t root[WN_KEY_BYTES], kcv[WN_KCV_BYTES], key[WN_KEY_BYTES], mac[WN_MAC_BYTES];
    size_t len = strcmp(columns[4], "-") == 0 ? 0 : strlen(columns[4]) / 2;
    uint32_t period = (uint32_t)strtoul(columns[3], NULL, 10);
    assert_true(wn_unhex(wn_slice_of(columns[0]), sizeof(root), root));
    assert_true(len == 0 || wn_unhex(wn_slice_of(columns[4]), len, canonical));

    char hex[WN_SHA256_HEX];
    wn_derive_kcv(root, columns[1], period, kcv);
    wn_hex(kcv, sizeof(kcv), hex);
    assert_string_equal(hex, columns[5]);

    wn_derive(root, columns[1], columns[2], period, key);
    struct wn_mac *ready = wn_mac_open(key);
    assert_non_null(ready);
    wn_mac_of(ready, canonical, len, mac);
    wn_mac_close(ready);
    wn_hex(mac, 16, hex);
    assert_string_equal(hex, columns[6]);
}

/** Read the rows; a line that is none ends the reading with 0. */
static size_t read_rows(FILE *file, struct row *rows)
{
    size_t n = 0;
    while (n < MOST && fgets(rows[n].text, LINE, file)) {
        struct row *row = &rows[n++];
        char root[65] = "", purpose[40] = "", kind[40] = "", period[40] = "";
        if (sscanf(row->text, "%64s %39s %39s %39s", root, purpose, kind, period) != 4) {
            return 0;
        }
        snprintf(row->label, sizeof(row->label), "vector %zu: %s, %s, period %s", n, purpose, kind,
                 period);
        row->name = row->label;
    }
    return n;
}

int main(void)
{
    char path[4096];
    static struct row rows[MOST];
    const char *source = getenv("WINNOW_SOURCE");
    snprintf(path, sizeof(path), "%s/tests/unit/keys/vectors.txt", source ? source : ".");
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: can't be read\n", path);
        return 1;
    }
    size_t n = read_rows(file, rows);
    fclose(file);
    if (n < 50) {
        fprintf(stderr, "%s: %zu vectors are too few\n", path, n);
        return 1;
    }
    struct wn_tests all = { 0 };
    wn_add_table(&all, rows, sizeof(rows[0]), n, check);
    return wn_run_tests("vectors", &all);
}
