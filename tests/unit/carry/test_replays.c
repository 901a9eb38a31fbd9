// SPDX-License-Identifier: Apache-2.0

/** Which envelopes were replayed since, by the receipts that name their records. */

#include "replays.h"

#include "table.h"

/** The receipts: 3 refused, 5 replayed two records, 9 a break at which raw.new was made anew. */
static void take_receipts(struct wn_replays *replays)
{
    static const struct wn_receipt_input records[] = {
        { .topic = "raw.calls", .partition = 2, .first_offset = 70, .is_one = true, .index = 1 },
        { .topic = "raw.calls", .partition = 2, .first_offset = 40, .is_one = true },
    };
    static const struct wn_receipt_input range = { .topic = "raw.new", .last_offset = 9 };
    const struct wn_receipt replay = {
        .number = 5, .event = { "replay", "bad-time", "3" }, .inputs = records, .n_inputs = 2
    };
    const struct wn_receipt anew = { .number = 9,
                                     .event = { "break", "moved", "input-recreated" },
                                     .inputs = &range,
                                     .n_inputs = 1 };
    const struct wn_receipt other = { .number = 6,
                                      .event = { "break", "moved", "offset-differs" },
                                      .inputs = records,
                                      .n_inputs = 1 };
    wn_replays_take(replays, &replay);
    wn_replays_take(replays, &anew);
    wn_replays_take(replays, &other);
}

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading.
static const struct row {
    const char *name;
    const char *topic;
    int32_t partition;
    int64_t offset;
    int32_t index;
    int64_t receipt;
    bool replayed, anew;
} rows[] = {
    { "was replayed where a receipt behind its own names it", "raw.calls", 2, 40, 0, 3, true,
      false },
    { "was replayed at another index", "raw.calls", 2, 70, 1, 4, true, false },
    { "was not where the replay itself refused it again", "raw.calls", 2, 40, 0, 5, false, false },
    { "was not where it was refused later", "raw.calls", 2, 40, 0, 6, false, false },
    { "was not at another index", "raw.calls", 2, 40, 1, 3, false, false },
    { "was not at another offset", "raw.calls", 2, 41, 0, 3, false, false },
    { "was not in another partition", "raw.calls", 1, 40, 0, 3, false, false },
    { "was not in another topic", "raw.other", 2, 40, 0, 3, false, false },
    { "is gone where its topic was made anew since", "raw.new", 0, 40, 0, 8, false, true },
    { "is not where it was refused after that", "raw.new", 0, 40, 0, 10, false, false },
    { "is not where another partition was", "raw.new", 1, 40, 0, 8, false, false },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_replays replays = { 0 };
    const struct wn_envelope envelope = {
        .origin = { wn_slice_of(row->topic), row->partition, row->offset, row->index },
        .receipt = row->receipt,
    };
    assert_false(wn_replays_has(&replays, &envelope));
    take_receipts(&replays);
    assert_int_equal(wn_replays_has(&replays, &envelope), row->replayed);
    assert_int_equal(wn_replays_made_anew(&replays, &envelope), row->anew);
    wn_replays_deinit(&replays);
}

static const struct text_row {
    const char *name, *text;
    bool may_be;
} text_rows[] = {
    { "a replay is of interest", "{\"event\":{\"kind\":\"replay\",\"reason\":\"x\"}}", true },
    { "a topic made anew is of interest", "{\"refers\":\"input-recreated\"}", true },
    { "another receipt is not", "{\"event\":{\"kind\":\"drop\"}}", false },
    { "nothing is not", "", false },
    { "half of it is not", "{\"kind\":\"repl", false },
};

static void check_text(void **state)
{
    const struct text_row *row = *state;
    assert_int_equal(wn_replays_may_be(wn_slice_of(row->text)), row->may_be);
}

int main(void)
{
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, text_rows, check_text);
    return wn_run_tests("replays", &all);
}
