// SPDX-License-Identifier: Apache-2.0

/** Stamps in an order of their own, and durations as a clock shows them. */

#include "table.h"
#include "winnow/time.h"

static const struct row {
    const char *name;
    const char *layout;
    const char *text;  ///< NULL: the layout is none.
    const char *stamp; ///< NULL: it does not fit.
} rows[] = {
    { "day first", "DD-MM-YYYY hh:mm:ss", "24-10-2026 21:00:05", "2026-10-24 21:00:05" },
    { "month first", "MM/DD/YYYY hh:mm:ss", "10/24/2026 21:00:05", "2026-10-24 21:00:05" },
    { "digits alone", "YYYYMMDDhhmmss", "20261024210005", "2026-10-24 21:00:05" },
    { "the time before the date", "hh.mm.ss DD.MM.YYYY", "21.00.05 24.10.2026",
      "2026-10-24 21:00:05" },
    { "what follows is the caller's", "DD-MM-YYYY hh:mm:ss", "24-10-2026 21:00:05,25",
      "2026-10-24 21:00:05" },
    { "whether there is such a day is another's to say", "DD-MM-YYYY hh:mm:ss",
      "99-99-9999 99:99:99", "9999-99-99 99:99:99" },
    { "a separator that is another", "DD-MM-YYYY hh:mm:ss", "24/10/2026 21:00:05", NULL },
    { "a day of one digit", "DD-MM-YYYY hh:mm:ss", "4-10-2026 21:00:05", NULL },
    { "letters", "DD-MM-YYYY hh:mm:ss", "2x-10-2026 21:00:05", NULL },
    { "without seconds", "DD-MM-YYYY hh:mm:ss", "24-10-2026 21:00", NULL },
    { "nothing", "DD-MM-YYYY hh:mm:ss", "", NULL },
    { "a layout of nothing", "", NULL, NULL },
    { "a layout without seconds", "DD-MM-YYYY hh:mm", NULL, NULL },
    { "a layout with two months", "MM-MM-YYYY hh:mm:ss DD", NULL, NULL },
    { "a layout with words", "DD-MM-YYYY at hh:mm:ss", NULL, NULL },
    { "a layout with a year of two digits", "DD-MM-YY hh:mm:ss", NULL, NULL },
    { "a layout that is too long", "DD-MM-YYYY       hh:mm:ss        ", NULL, NULL },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_layout layout = { 0 };
    char stamp[WN_LAYOUT_STAMP];
    assert_int_equal(wn_layout_read(wn_slice_of(row->layout), &layout), row->text != NULL);
    if (row->text) {
        assert_int_equal(wn_layout_apply(&layout, wn_slice_of(row->text), stamp),
                         row->stamp != NULL);
    }
    if (row->stamp) {
        assert_string_equal(stamp, row->stamp);
    }
}

static const struct hms_row {
    const char *name;
    const char *text;
    int64_t ms; ///< -1: refused.
} hms_rows[] = {
    { "hours, minutes, seconds", "1:02:05", 3725000 },
    { "with zeros", "00:00:00", 0 },
    { "a day and more", "123:59:59", 446399000 },
    { "the longest", "999999999:59:59", INT64_C(3599999999999000) },
    { "more than that", "1000000000:00:00", -1 },
    { "60 minutes", "1:60:00", -1 },
    { "60 seconds", "1:00:60", -1 },
    { "without hours", ":02:05", -1 },
    { "minutes and seconds are no hours and minutes", "02:05", -1 },
    { "a negative", "-1:02:05", -1 },
    { "a fraction", "1:02:05.5", -1 },
    { "other signs", "1.02.05", -1 },
    { "words", "short", -1 },
    { "nothing", "", -1 },
};

static void check_hms(void **state)
{
    const struct hms_row *row = *state;
    struct wn_error err = { 0 };
    int64_t ms = 77;
    enum wn_code rc = wn_time_hms(wn_slice_of(row->text), &ms, &err);
    assert_int_equal(rc, row->ms < 0 ? WN_REJECT : WN_OK);
    if (row->ms < 0) {
        assert_string_equal(err.reason, "bad-integer");
    } else {
        assert_int_equal(ms, row->ms);
    }
}

int main(void)
{
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, hms_rows, check_hms);
    return wn_run_tests("time_layout", &all);
}
