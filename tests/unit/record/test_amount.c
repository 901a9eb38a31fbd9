// SPDX-License-Identifier: Apache-2.0

/** Amounts: known answers, and what is refused rather than rounded. */

#include "read.h"
#include "table.h"
#include "winnow/amount.h"

#define DECIMAL WN_AMOUNT_DECIMAL
#define CENTS WN_AMOUNT_HUNDREDTHS
#define MICROS WN_AMOUNT_MILLIONTHS

static const struct row {
    const char *name;
    const char *text;
    enum wn_amount_unit unit;
    char sign;
    int64_t amount;
    const char *reason;
} rows[] = {
    { "a fraction behind a comma", "0,0420", DECIMAL, ',', 42000, NULL },
    { "a fraction behind a point", "0.0420", DECIMAL, '.', 42000, NULL },
    { "a whole number of units", "12", DECIMAL, ',', 12000000, NULL },
    { "nothing before the sign", ",5", DECIMAL, ',', 500000, NULL },
    { "a credit", "-1,000001", DECIMAL, ',', -1000001, NULL },
    { "a credit below one", "-,25", DECIMAL, ',', -250000, NULL },
    { "zero", "0", DECIMAL, ',', 0, NULL },
    { "no negative zero", "-0,00", DECIMAL, ',', 0, NULL },
    { "one millionth", "0,000001", DECIMAL, ',', 1, NULL },
    { "zeros below a millionth", "0,00420000000", DECIMAL, ',', 4200, NULL },
    { "half a millionth is refused, not rounded", "0,0000005", DECIMAL, ',', 0, "bad-amount" },
    { "a digit far below a millionth is refused", "1,0000000000001", DECIMAL, ',', 0,
      "bad-amount" },
    { "the largest", "9223372036854,775807", DECIMAL, ',', INT64_MAX, NULL },
    { "one more is refused", "9223372036854,775808", DECIMAL, ',', 0, "bad-amount" },
    { "the least", "-9223372036854,775808", DECIMAL, ',', INT64_MIN, NULL },
    { "one less is refused", "-9223372036854,775809", DECIMAL, ',', 0, "bad-amount" },
    { "an overflow by the scale alone is refused", "9223372036855", DECIMAL, ',', 0, "bad-amount" },
    { "twenty digits are refused", "99999999999999999999", MICROS, ',', 0, "bad-amount" },
    { "the other sign is refused", "0.0420", DECIMAL, ',', 0, "bad-amount" },
    { "a comma is refused where a point is the sign", "0,0420", DECIMAL, '.', 0, "bad-amount" },
    { "thousands' separators are refused", "1.234,56", DECIMAL, ',', 0, "bad-amount" },
    { "two signs are refused", "1,2,3", DECIMAL, ',', 0, "bad-amount" },
    { "a sign at the end is refused", "5,", DECIMAL, ',', 0, "bad-amount" },
    { "a sign alone is refused", ",", DECIMAL, ',', 0, "bad-amount" },
    { "a minus alone is refused", "-", DECIMAL, ',', 0, "bad-amount" },
    { "a minus behind is refused", "0,42-", DECIMAL, ',', 0, "bad-amount" },
    { "two minuses are refused", "--1", DECIMAL, ',', 0, "bad-amount" },
    { "a plus is refused", "+1", DECIMAL, ',', 0, "bad-amount" },
    { "nothing is refused", "", DECIMAL, ',', 0, "bad-amount" },
    { "a blank is refused", " 1", DECIMAL, ',', 0, "bad-amount" },
    { "the sign of a currency is refused", "€1", DECIMAL, ',', 0, "bad-amount" },
    { "words are refused", "free", DECIMAL, ',', 0, "bad-amount" },
    { "an exponent comes from a spreadsheet", "4,2E-05", DECIMAL, ',', 0, "spreadsheet-damaged" },
    { "a negative exponent form, too", "-1e5", DECIMAL, '.', 0, "spreadsheet-damaged" },
    { "an e without digits is no exponent", "1e", DECIMAL, '.', 0, "bad-amount" },
    { "cents", "1250", CENTS, ',', 12500000, NULL },
    { "negative cents", "-5", CENTS, '.', -50000, NULL },
    { "cents have no fraction", "12,5", CENTS, ',', 0, "bad-amount" },
    { "millionths", "42000", MICROS, ',', 42000, NULL },
    { "millionths have no fraction", "1.0", MICROS, '.', 0, "bad-amount" },
};

static void check(void **state)
{
    const struct row *row = *state;
    struct wn_error err = { 0 };
    int64_t amount = 77;
    enum wn_code rc = wn_amount_read(wn_slice_of(row->text), row->unit, row->sign, &amount, &err);
    if (row->reason) {
        assert_int_equal(rc, WN_REJECT);
        assert_string_equal(err.reason, row->reason);
        assert_int_equal(amount, 77);
        return;
    }
    assert_int_equal(rc, WN_OK);
    assert_int_equal(amount, row->amount);
}

static const struct currency_row {
    const char *name;
    const char *text;
    const char *code; ///< NULL: absent.
    const char *reason;
} currency_rows[] = {
    { "the first code", "AED", "AED", NULL },
    { "the last code", "ZWG", "ZWG", NULL },
    { "the euro", "EUR", "EUR", NULL },
    { "small letters and blanks", " eur ", "EUR", NULL },
    { "special drawing rights settle between networks", "XDR", "XDR", NULL },
    { "a code that ended before 2025 is refused", "NLG", NULL, "bad-amount" },
    { "a sign is refused", "€", NULL, "bad-amount" },
    { "two letters are refused", "EU", NULL, "bad-amount" },
    { "four letters are refused", "EURO", NULL, "bad-amount" },
    { "digits are refused", "978", NULL, "bad-amount" },
    { "a hyphen is absent", "-", NULL, NULL },
    { "nothing is absent", "", NULL, NULL },
};

static void check_currency(void **state)
{
    const struct currency_row *row = *state;
    struct wn_arena arena = { 0 };
    struct wn_error err = { 0 };
    struct wn_value value = { 0 };
    bool present = false;
    enum wn_code rc = wn_kind_read(WN_KIND_CURRENCY, NULL, wn_slice_of(row->text), &arena, &value,
                                   &present, &err);
    assert_int_equal(rc, row->reason ? WN_REJECT : WN_OK);
    assert_int_equal(present, row->code != NULL);
    if (row->code) {
        assert_true(wn_slice_is(value.text, row->code));
    }
    if (row->reason) {
        assert_string_equal(err.reason, row->reason);
    }
    wn_arena_deinit(&arena);
}

int main(void)
{
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check);
    WN_ADD_TABLE(&all, currency_rows, check_currency);
    return wn_run_tests("amount", &all);
}
