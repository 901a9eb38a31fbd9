// SPDX-License-Identifier: Apache-2.0

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "winnow/ber_print.h"
#include "winnow/form.h"

/** Whether a value lies in the record, or has been made (then its text was read, or joined). */
static void check_values(const struct wn_taken *taken, unsigned n, struct wn_arena *arena)
{
    for (unsigned i = 0; i < n; i++) {
        for (const struct wn_taken *at = &taken[i]; at; at = at->next) {
            struct wn_slice text = { 0 };
            struct wn_error err = { 0 };
            if (at->state == WN_TAKEN_TEXT && wn_taken_text(at, arena, &text, &err) == WN_OK) {
                char *copy = malloc(text.len + 1); // A sanitizer sees what lies beyond.
                assert(copy);
                memcpy(copy, text.at ? text.at : "", text.len);
                free(copy);
            }
        }
    }
}

/** Decode, and look at all values. @return the reason, or NULL */
static const char *decode(const struct wn_format_options *options, struct wn_slice raw,
                          unsigned *ret_items)
{
    struct wn_arena arena = { 0 };
    struct wn_error err = { 0 };
    struct wn_taken_set taken;
    struct wn_reader *reader = wn_format_ber.open(options);
    struct wn_drift *drift = wn_drift_open();
    const enum wn_code rc = wn_format_ber.decode(reader, raw, &arena, drift, &taken, &err);
    assert(rc == WN_OK || (rc == WN_REJECT && err.reason));
    *ret_items = 0;
    if (rc == WN_OK) {
        assert(taken.kind);
        check_values(taken.top, wn_paths_count(options->paths), &arena);
        for (unsigned i = 0; i < wn_paths_count_lists(options->paths); i++) {
            const unsigned n = taken.lists[i].n * wn_paths_count_item(options->paths);
            check_values(taken.lists[i].rows, n, &arena);
            *ret_items += taken.lists[i].n;
        }
    }
    wn_drift_close(drift);
    wn_format_ber.close(reader);
    wn_arena_deinit(&arena);
    return rc == WN_OK ? NULL : err.reason;
}

static void write_nothing(struct wn_buffer *out, struct wn_slice text, bool is_plain)
{
    (void)is_plain;
    wn_buffer_add(out, text.at, text.len);
}

/**
 * A record is read or refused for a reason; its values can all be looked at; what stands behind it
 * changes nothing; and what can be printed whole can be decoded, but for a scalar that stands
 * twice, for too many items, and for a vendor's octets that a path takes for elements.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wn_paths *paths = wn_paths_open();
    struct wn_error err = { 0 };
    uint8_t number;
    fuzz_add_paths(paths, "/servedIMSI /duration /chargingID /servingNodeAddress/-1 /p-GWAddress "
                          "/diagnostics/gsm0408Cause /servingNodeType/* /servingNodeType/0 "
                          "/context.120/universal.4:text /private.5 /subscriberIdentifier/"
                          "subscriptionIDData /recordExtensions/1.3.6.1.4.1.32473.6/information/"
                          "universal.4:text /serviceConditionChange");
    static const char *const each[] = { "/listOfServiceData/*", "/listOfTrafficVolumes/*",
                                        "/listOfMultipleUnitUsage/*/usedUnitContainers/*" };
    static const char *const items[] = { "./ratingGroup", "../ratingGroup", "./datavolumeFBCUplink",
                                         "./serviceConditionChange", "./dataVolumeUplink" };
    for (size_t i = 0; i < WN_COUNT(each); i++) {
        assert(wn_paths_add_each(paths, wn_slice_of(each[i]), &number, &err) == WN_OK);
    }
    for (size_t i = 0; i < WN_COUNT(items); i++) {
        assert(wn_paths_add_item(paths, wn_slice_of(items[i]), &number, &err) == WN_OK);
    }
    wn_paths_compile(paths);
    const struct wn_format_options options = { .paths = paths };
    char *raw = malloc(size + 4);
    assert(raw);
    memcpy(raw, size > 0 ? (const char *)data : "", size);
    memset(raw + size, 0xff, 4);
    unsigned n_items;
    unsigned n_again;
    const char *reason = decode(&options, (struct wn_slice){ raw, size }, &n_items);
    const char *again =
        reason ? reason : decode(&options, (struct wn_slice){ raw, size + 4 }, &n_again);
    assert(reason || (!again && n_again == n_items));

    struct wn_buffer out = { 0 };
    const struct wn_ber_printing printing = { .write = write_nothing };
    const enum wn_code rc = wn_ber_print(&printing, (struct wn_slice){ raw, size }, &out, &err);
    assert(rc == WN_REJECT || !reason || strcmp(reason, "duplicate-field") == 0 ||
           strcmp(reason, "too-many-items") == 0 || strcmp(reason, "bad-ber") == 0);
    wn_buffer_deinit(&out);
    free(raw);
    wn_paths_close(paths);
    return 0;
}
