// SPDX-License-Identifier: Apache-2.0

/*
 * Any bytes are a consent file or give faults that hold none of its identifiers. Nobody has
 * consented before all times or behind them.
 */

#include "scratch.h"

#include <unistd.h>

#include "winnow/consent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    DIGITS = 7
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[WN_KEY_BYTES] = { 1 };
    static struct wn_policy policy = { .purposes = { "billing", "insight" }, .n_purposes = 2 };
    static struct wn_consent_keys keys;
    const struct wn_site site = wn_site_default();
    if (!keys.by_kind[WN_KIND_IMSI]) {
        for (unsigned kind = 0; kind < WN_KINDS; kind++) {
            keys.by_kind[kind] = wn_mac_open(key);
            must(keys.by_kind[kind] != NULL);
        }
    }
    const struct wn_consent_ground ground = { .keys = &keys, .policy = &policy, .site = &site };
    int fd = scratch_file(data, size);
    char path[32];
    scratch_path(fd, path);
    struct wn_faults faults = { 0 };
    struct wn_consent *consent = NULL;
    struct wn_stamp stamp;
    bool fine = wn_consent_load(path, &ground, &faults, &consent, &stamp);
    must(fine == (faults.n == 0) && fine == (consent != NULL));
    unsigned digits = 0;
    for (size_t i = 0; i < faults.lines.len; i++) {
        char c = (char)faults.lines.at[i];
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        must(digits < DIGITS && (c == '\n' || (unsigned char)c >= ' '));
    }
    if (fine) {
        static const uint8_t nobody[16] = { 1 };
        must(!wn_consent_held(consent, 1, nobody, INT64_MIN));
        must(wn_consent_count(consent) > 0 || wn_consent_end_ms(consent) == INT64_MIN);
    }
    wn_consent_close(consent);
    wn_faults_deinit(&faults);
    close(fd);
    return 0;
}
