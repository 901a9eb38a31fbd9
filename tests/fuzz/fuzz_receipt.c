// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"

#include <stdlib.h>

#include "winnow/audit.h"
#include "winnow/receipt.h"

/** Stop where a property does not hold. */
static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/** What can be read can be written and read again; nothing is verified; an audit finds something.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const purposes[] = { "billing", "insight" };
    static const uint8_t nobody[32] = { 1 };
    struct wn_slice bytes = { (const char *)data, size };
    struct wn_arena arena = { 0 };
    struct wn_receipt receipt = { 0 }, again = { 0 };
    struct wn_error err;
    if (wn_receipt_read(bytes, purposes, WN_COUNT(purposes), &arena, &receipt, &err) == WN_OK) {
        struct wn_buffer text = { 0 };
        struct wn_tally *tally;
        wn_receipt_write(&receipt, NULL, &text, NULL);
        must(wn_receipt_read(wn_buffer_slice(&text), purposes, WN_COUNT(purposes), &arena, &again,
                             &err) == WN_OK);
        must(again.number == receipt.number && again.tally->in == receipt.tally->in);
        wn_buffer_deinit(&text);
        memcpy(&tally, &again.tally, sizeof(struct wn_tally *));
        wn_tally_close(tally);
        memcpy(&tally, &receipt.tally, sizeof(struct wn_tally *));
        wn_tally_close(tally);
    }
    wn_arena_deinit(&arena);
    must(wn_receipt_verify(bytes, nobody, &err) == WN_REJECT);

    struct wn_audit *audit = wn_audit_open(nobody);
    struct wn_buffer report = { 0 };
    wn_audit_receipt(audit, "files", "input", bytes, false);
    must(wn_audit_report(audit, &report) > 0);
    wn_buffer_deinit(&report);
    wn_audit_close(audit);
    return 0;
}
