// SPDX-License-Identifier: Apache-2.0

#include "table.h"

#include "restore.h"

enum {
    NONE = WN_OFFSET_NONE
};

static const struct row {
    const char *name;
    struct wn_evidence evidence;
    enum wn_finding finding;
    int64_t start; ///< After the break is accepted; of GO and GENESIS, where it begins.
} rows[] = {
    { "begins where nothing was ever done",
      { .committed = NONE, .head_next = NONE, .begins = true, .low = 0, .high = 10 },
      WN_FINDING_GENESIS,
      0 },
    { "begins at the low watermark",
      { .committed = NONE, .head_next = NONE, .begins = true, .low = 7, .high = 10 },
      WN_FINDING_GENESIS,
      7 },
    { "begins on an empty partition",
      { .committed = NONE, .head_next = NONE, .begins = true, .low = 0, .high = 0 },
      WN_FINDING_GENESIS,
      0 },
    { "is no genesis where the state log lost its beginning",
      { .committed = NONE, .head_next = NONE, .begins = true, .state_low = 5, .high = 10 },
      WN_FINDING_STATE_LOST,
      0 },
    { "is no genesis where a receipt tells of one",
      { .committed = NONE, .head_next = NONE, .begins = true, .has_receipt = true, .high = 10 },
      WN_FINDING_STATE_LOST,
      0 },
    { "is no genesis where the group has an offset",
      { .committed = 4, .head_next = NONE, .begins = true, .high = 10 },
      WN_FINDING_STATE_LOST,
      4 },
    { "goes on where head and offset agree",
      { .committed = 4, .has_head = true, .head_next = 4, .begins = true, .high = 10 },
      WN_FINDING_GO,
      4 },
    { "goes on at the end",
      { .committed = 10, .has_head = true, .head_next = 10, .begins = true, .high = 10 },
      WN_FINDING_GO,
      10 },
    { "goes on at the low watermark",
      { .committed = 4, .has_head = true, .head_next = 4, .begins = true, .low = 4, .high = 10 },
      WN_FINDING_GO,
      4 },
    { "breaks where the offset expired",
      { .committed = NONE, .has_head = true, .head_next = 4, .begins = true, .high = 10 },
      WN_FINDING_OFFSET_DIFFERS,
      4 },
    { "breaks where the offset was set back",
      { .committed = 2, .has_head = true, .head_next = 4, .begins = true, .high = 10 },
      WN_FINDING_OFFSET_DIFFERS,
      2 },
    { "breaks where the offset was set on",
      { .committed = 9, .has_head = true, .head_next = 4, .begins = true, .high = 10 },
      WN_FINDING_OFFSET_DIFFERS,
      9 },
    { "breaks where the log begins too late",
      { .committed = 4, .has_head = true, .head_next = 4, .high = 10 },
      WN_FINDING_STATE_LOST,
      4 },
    { "breaks where records were deleted unread",
      { .committed = 4, .has_head = true, .head_next = 4, .begins = true, .low = 6, .high = 10 },
      WN_FINDING_INPUT_TRIMMED,
      6 },
    { "breaks where the input is shorter than it was",
      { .committed = 4, .has_head = true, .head_next = 4, .begins = true, .high = 3 },
      WN_FINDING_INPUT_RECREATED,
      0 },
    { "breaks where the last record is another one",
      { .committed = 4,
        .has_head = true,
        .head_next = 4,
        .begins = true,
        .high = 10,
        .other_incarnation = true },
      WN_FINDING_INPUT_RECREATED,
      0 },
    { "names the input where it was made anew, though the offset went with it",
      { .committed = NONE,
        .has_head = true,
        .head_next = 4,
        .begins = true,
        .high = 10,
        .other_incarnation = true },
      WN_FINDING_INPUT_RECREATED,
      0 },
    { "does not go on at an offset behind the end",
      { .committed = 40, .has_head = true, .head_next = 4, .begins = true, .low = 1, .high = 10 },
      WN_FINDING_OFFSET_DIFFERS,
      1 },
};

static void check(void **state)
{
    const struct row *row = *state;
    enum wn_finding finding = wn_restore_find(&row->evidence);
    assert_int_equal(finding, row->finding);
    assert_int_equal(wn_restore_start(&row->evidence), row->start);
    bool goes = finding == WN_FINDING_GO || finding == WN_FINDING_GENESIS;
    assert_true((wn_finding_reason(finding) == NULL) == goes);
}

int main(void)
{
    return WN_RUN_TABLE("evidence", rows, check);
}
