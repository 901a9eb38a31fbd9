// SPDX-License-Identifier: Apache-2.0

/*
 * The consent file: rows a second from the disk into memory, and what an answer costs a record.
 * Half of the rows are IMSIs, a quarter each user names and numbers, in random order.
 *
 *     bench_consent SCHEMAS [ROWS]
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "keyring_double.h"
#include "winnow/consent.h"

enum {
    LOADS = 5
};

static void write_rows(const char *path, unsigned n)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    fputs("kind,identifier,purpose,from,to\n", file);
    for (unsigned i = 0; i < n; i++) {
        const unsigned who = (unsigned)((uint64_t)i * 2654435761U % n);
        const char *until = who % 5 == 0 ? "2026-10-12T18:00:05Z" : "";
        if (who % 4 < 2) {
            fprintf(file, "imsi,20498%010u,insight,2026-03-01T09:30:00Z,%s\n", who, until);
        } else if (who % 4 == 2) {
            fprintf(file, "nai,user-%u@example.net,insight,2026-03-01T09:30:00Z,%s\n", who, until);
        } else {
            fprintf(file, "number,+316%08u,insight,2026-03-01T09:30:00Z,%s\n",
                    10000000 + who % 80000000, until);
        }
    }
    fclose(file);
}

static void measure_asks(const struct wn_consent *consent, struct wn_keyring *keyring,
                         const struct wn_policy *policy, unsigned n)
{
    enum {
        ASKS = 1000000
    };
    struct wn_minimiser *minimiser = NULL;
    struct wn_error err;
    if (wn_minimiser_open(keyring, 0, &minimiser, &err) != WN_OK) {
        exit(1);
    }
    const struct wn_purpose *purpose = wn_type_purpose(&policy->types[0], "insight");
    const struct wn_consent_view view = { .consent = consent };
    unsigned given = 0;
    const double begun = bench_cpu_s();
    for (unsigned i = 0; i < ASKS; i++) {
        char imsi[16];
        (void)snprintf(imsi, sizeof(imsi), "20498%010u", (unsigned)((uint64_t)i * 40503U % n));
        const struct wn_record record = { .subscriber_kind = WN_KIND_IMSI,
                                          .subscriber = wn_slice_of(imsi) };
        given += wn_consent_ask(&view, minimiser, purpose, &record, 1792864800000, INT64_MIN) ==
                 WN_CONSENT_GIVEN;
    }
    bench_print("consent_ask", (bench_cpu_s() - begun) / ASKS * 1e9, "ns",
                "a record, digest included, no cache");
    if (given == 0) {
        exit(1);
    }
    wn_minimiser_close(minimiser);
}

int main(int argc, char **argv)
{
    const unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000000;
    char path[] = "/tmp/bench-consent-XXXXXX";
    struct wn_faults faults = { 0 };
    struct wn_error err;
    struct wn_policy *policy = NULL;
    if (argc < 2 || n == 0 || wn_policy_load(argv[1], &faults, &policy, &err) != WN_OK) {
        fputs("usage: bench_consent SCHEMAS [ROWS]\n", stderr);
        return 2;
    }
    int fd = mkstemp(path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    write_rows(path, n);

    struct wn_keyring keyring = { 0 };
    struct wn_consent_keys keys;
    const struct wn_site site = wn_site_default();
    (void)wn_consent_keys(&keyring, &keys);
    const struct wn_consent_ground ground = { .keys = &keys, .policy = policy, .site = &site };
    struct wn_consent *consent = NULL;
    struct wn_stamp stamp;
    struct bench_series loads = { .n = 0 };
    for (unsigned i = 0; i < LOADS; i++) {
        consent = wn_consent_close(consent);
        const double begun = bench_cpu_s();
        if (!wn_consent_load(path, &ground, &faults, &consent, &stamp)) {
            fwrite(faults.lines.at, 1, faults.lines.len, stderr);
            return 1;
        }
        bench_add(&loads, bench_cpu_s() - begun);
    }
    bench_print("consent_load", bench_quantile(&loads, 0.5), "s",
                "as many rows as the second argument says, else a million");
    bench_print("consent_rows", n / bench_quantile(&loads, 0.5), "rows/s",
                "read, made canonical, hashed, sorted");
    measure_asks(consent, &keyring, policy, n);
    wn_consent_close(consent);
    unlink(path);
    wn_policy_close(policy);
    wn_faults_deinit(&faults);
    keyring_double_deinit(&keyring);
    return 0;
}
