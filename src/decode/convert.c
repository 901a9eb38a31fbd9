// SPDX-License-Identifier: Apache-2.0

/*
 * The closed set of conversions: from the text of a raw record to a field's value.
 *
 * To add one: a function, a row of the table, a row in docs/sources.md.
 */

#include "convert.h"
#include "winnow/amount.h"
#include "winnow/hash.h"

#define BIT(kind) (UINT32_C(1) << (kind))
#define NUMBERS (BIT(WN_FORM_INTEGER) | BIT(WN_FORM_ENUM) | BIT(WN_FORM_UNSIGNED))
#define ADDRESSES (BIT(WN_FORM_ADDRESS) | BIT(WN_FORM_DIRECTORY) | BIT(WN_FORM_SMS_ADDRESS))
#define DIGITS (BIT(WN_FORM_TBCD) | BIT(WN_FORM_OCTETS))

bool wn_kind_is_number(enum wn_kind kind)
{
    const uint32_t numbers = BIT(WN_KIND_TIME) | BIT(WN_KIND_DURATION) | BIT(WN_KIND_OCTETS) |
                             BIT(WN_KIND_COUNT) | BIT(WN_KIND_OFFSET) | BIT(WN_KIND_SCORE) |
                             BIT(WN_KIND_AMOUNT);
    return (numbers >> kind & 1) != 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** Whether a text looks like `1.2E+10`: what a spreadsheet makes of long digits. */
static bool has_exponent(struct wn_slice text)
{
    size_t i = 0;
    while (i < text.len && (is_digit(text.at[i]) || text.at[i] == '.' || text.at[i] == ',')) {
        i++;
    }
    if (i == 0 || i + 1 >= text.len || (text.at[i] != 'e' && text.at[i] != 'E')) {
        return false;
    }
    i += text.at[i + 1] == '+' || text.at[i + 1] == '-' ? 2 : 1;
    return i < text.len && is_digit(text.at[i]);
}

static enum wn_code fail_integer(struct wn_slice text, struct wn_error *err)
{
    if (has_exponent(text)) {
        return wn_fail(err, WN_REJECT, "spreadsheet-damaged", "a number with an exponent");
    }
    return wn_fail(err, WN_REJECT, "bad-integer", "not a whole number of at most 63 bits");
}

static enum wn_code to_int(struct wn_converting *how, struct wn_slice text,
                           struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    uint64_t number;
    if (!wn_slice_number(text, &number) || number > INT64_MAX) {
        return fail_integer(text, err);
    }
    ret_value->number = (int64_t)number;
    *ret_present = true;
    return WN_OK;
}

static enum wn_code to_hundredths(struct wn_converting *how, struct wn_slice text,
                                  struct wn_value *ret_value, bool *ret_present,
                                  struct wn_error *err)
{
    const char *point = text.len > 0 ? memchr(text.at, how->plan->decimal, text.len) : NULL;
    struct wn_slice whole = { text.at, point ? (size_t)(point - text.at) : text.len };
    struct wn_slice fraction = wn_slice_after(text, whole.len);
    uint64_t number;
    int64_t parts = 0;

    if (!wn_slice_number(whole, &number) || number > INT64_MAX / 100 - 1) {
        return fail_integer(text, err);
    }
    for (size_t i = 1; i < fraction.len; i++) {
        if (!is_digit(fraction.at[i])) {
            return fail_integer(text, err);
        }
        parts += i == 1 ? 10 * (fraction.at[i] - '0') : i == 2 ? fraction.at[i] - '0' : 0;
    }
    if (fraction.len == 1) {
        return fail_integer(text, err);
    }
    ret_value->number = (int64_t)number * 100 + parts;
    *ret_present = true;
    return WN_OK;
}

static enum wn_code to_duration(enum wn_time_unit unit, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    *ret_present = true;
    return wn_time_duration(text, unit, &ret_value->number, err);
}

/** Seconds; where the source's decimal sign is a comma, a point is none. */
static enum wn_code to_s(struct wn_converting *how, struct wn_slice text,
                         struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    if (how->plan->decimal != '.' && text.len > 0) {
        struct wn_slice plain = wn_arena_copy(how->arena, text);
        char *at = (char *)(uintptr_t)plain.at; // NOLINT(performance-no-int-to-ptr): just copied.
        for (size_t i = 0; i < text.len; i++) {
            const char c = text.at[i];
            at[i] = (char)(c == '.' ? ',' : c == how->plan->decimal ? '.' : c);
        }
        text = plain;
    }
    return to_duration(WN_UNIT_S, text, ret_value, ret_present, err);
}

static enum wn_code to_ms(struct wn_converting *how, struct wn_slice text,
                          struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    return to_duration(WN_UNIT_MS, text, ret_value, ret_present, err);
}

static enum wn_code to_us(struct wn_converting *how, struct wn_slice text,
                          struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    return to_duration(WN_UNIT_US, text, ret_value, ret_present, err);
}

static enum wn_code to_hms(struct wn_converting *how, struct wn_slice text,
                           struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    *ret_present = true;
    return wn_time_hms(text, &ret_value->number, err);
}

static enum wn_code to_epoch(enum wn_time_unit unit, struct wn_slice text,
                             struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    *ret_present = !wn_time_is_placeholder(text);
    return *ret_present ? wn_time_epoch(text, unit, &ret_value->number, err) : WN_OK;
}

static enum wn_code to_epoch_s(struct wn_converting *how, struct wn_slice text,
                               struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    return to_epoch(WN_UNIT_S, text, ret_value, ret_present, err);
}

static enum wn_code to_epoch_ms(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    return to_epoch(WN_UNIT_MS, text, ret_value, ret_present, err);
}

static enum wn_code to_epoch_us(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    return to_epoch(WN_UNIT_US, text, ret_value, ret_present, err);
}

/** Whether a text has hours and minutes, and no seconds. */
static bool has_one_colon(struct wn_slice text)
{
    unsigned colons = 0;
    for (size_t i = 0; i < text.len; i++) {
        colons += text.at[i] == ':' ? 1 : 0;
    }
    return colons == 1;
}

/** Put a stamp of the source's own layout into the one that is read. */
static enum wn_code take_layout(struct wn_converting *how, struct wn_slice *text,
                                struct wn_error *err)
{
    const struct wn_layout *layout = &how->plan->layout;
    char stamp[WN_LAYOUT_STAMP];
    if (layout->len == 0) {
        return WN_OK;
    }
    if (!wn_layout_apply(layout, *text, stamp)) {
        return has_one_colon(*text)
                   ? wn_fail(err, WN_REJECT, "spreadsheet-damaged",
                             "a time without seconds: a spreadsheet has saved the file anew")
                   : wn_fail(err, WN_REJECT, "bad-time",
                             "not a time in the `layout` of the source's clock");
    }
    const size_t len = sizeof(stamp) - 1;
    const size_t rest = text->len - layout->len;
    char *at = wn_arena_take(how->arena, len + rest);
    memcpy(at, stamp, len);
    memcpy(at + len, text->at + layout->len, rest);
    if (rest > 0 && at[len] == how->plan->decimal) {
        at[len] = '.';
    }
    *text = (struct wn_slice){ at, len + rest };
    return WN_OK;
}

static enum wn_code to_stamp_utc(struct wn_converting *how, struct wn_slice text,
                                 struct wn_value *ret_value, bool *ret_present,
                                 struct wn_error *err)
{
    struct wn_civil civil;
    *ret_present = !wn_time_is_placeholder(text);
    if (!*ret_present) {
        return WN_OK;
    }
    if (take_layout(how, &text, err) != WN_OK || wn_time_civil(text, &civil, err) != WN_OK) {
        return err->code;
    }
    ret_value->number = wn_civil_utc_ms(&civil);
    return WN_OK;
}

void wn_convert_give_instants(struct wn_converting *how, const struct wn_instants *instants,
                              struct wn_value *ret_value)
{
    ret_value->number = instants->ms;
    how->later_ms = instants->later_ms;
    how->ambiguous = wn_instants_are_two(instants);
}

static enum wn_code to_radius_date(struct wn_converting *how, struct wn_slice text,
                                   struct wn_value *ret_value, bool *ret_present,
                                   struct wn_error *err)
{
    struct wn_instants instants;
    *ret_present = !wn_time_is_placeholder(text);
    if (!*ret_present) {
        return WN_OK;
    }
    if (wn_time_radius(text, &how->plan->clock, &instants, err) != WN_OK) {
        return err->code;
    }
    wn_convert_give_instants(how, &instants, ret_value);
    return WN_OK;
}

static enum wn_code to_stamp_local(struct wn_converting *how, struct wn_slice text,
                                   struct wn_value *ret_value, bool *ret_present,
                                   struct wn_error *err)
{
    struct wn_instants instants;
    if (how->plan->stamps_are_utc) {
        return to_stamp_utc(how, text, ret_value, ret_present, err);
    }
    *ret_present = !wn_time_is_placeholder(text);
    if (!*ret_present) {
        return WN_OK;
    }
    if (take_layout(how, &text, err) != WN_OK ||
        wn_time_stamp(text, &how->plan->clock, &instants, err) != WN_OK) {
        return err->code;
    }
    wn_convert_give_instants(how, &instants, ret_value);
    return WN_OK;
}

static enum wn_code to_id_epoch(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    (void)err;
    *ret_present = wn_time_of_id(text, &ret_value->number);
    return WN_OK;
}

static enum wn_code to_tz_3gpp(struct wn_converting *how, struct wn_slice text,
                               struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    int32_t minutes = 0;
    *ret_present = true;
    if (wn_time_tz_3gpp(text, &minutes, err) != WN_OK) {
        return err->code;
    }
    ret_value->number = minutes;
    return WN_OK;
}

static enum wn_code to_amount(const struct wn_converting *how, enum wn_amount_unit unit,
                              struct wn_slice text, struct wn_value *ret_value, bool *ret_present,
                              struct wn_error *err)
{
    *ret_present = true;
    return wn_amount_read(text, unit, how->plan->decimal, &ret_value->number, err);
}

static enum wn_code to_decimal(struct wn_converting *how, struct wn_slice text,
                               struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return to_amount(how, WN_AMOUNT_DECIMAL, text, ret_value, ret_present, err);
}

static enum wn_code to_cents(struct wn_converting *how, struct wn_slice text,
                             struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return to_amount(how, WN_AMOUNT_HUNDREDTHS, text, ret_value, ret_present, err);
}

static enum wn_code to_millionths(struct wn_converting *how, struct wn_slice text,
                                  struct wn_value *ret_value, bool *ret_present,
                                  struct wn_error *err)
{
    return to_amount(how, WN_AMOUNT_MILLIONTHS, text, ret_value, ret_present, err);
}

static enum wn_code to_kind(struct wn_converting *how, struct wn_slice text,
                            struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return wn_kind_read(how->kind, &how->plan->reading, text, how->arena, ret_value, ret_present,
                        err);
}

/** Give the class of a cause of release, and what it would be of an attempt. */
static enum wn_code give_cause(struct wn_converting *how, wn_cause_read *read, struct wn_slice text,
                               struct wn_value *ret_value, bool *ret_present)
{
    struct wn_cause_told told;
    ret_value->number = read(text, &told);
    ret_value->class = (uint8_t)told.attempt;
    how->unknown = !told.known;
    *ret_present = true;
    return WN_OK;
}

static enum wn_code to_freeswitch_cause(struct wn_converting *how, struct wn_slice text,
                                        struct wn_value *ret_value, bool *ret_present,
                                        struct wn_error *err)
{
    (void)err;
    return give_cause(how, wn_cause_freeswitch, text, ret_value, ret_present);
}

static enum wn_code to_q850_cause(struct wn_converting *how, struct wn_slice text,
                                  struct wn_value *ret_value, bool *ret_present,
                                  struct wn_error *err)
{
    (void)err;
    return give_cause(how, wn_cause_q850, text, ret_value, ret_present);
}

static enum wn_code to_sip_cause(struct wn_converting *how, struct wn_slice text,
                                 struct wn_value *ret_value, bool *ret_present,
                                 struct wn_error *err)
{
    (void)err;
    return give_cause(how, wn_cause_sip, text, ret_value, ret_present);
}

static enum wn_code to_radius_cause(struct wn_converting *how, struct wn_slice text,
                                    struct wn_value *ret_value, bool *ret_present,
                                    struct wn_error *err)
{
    (void)err;
    return give_cause(how, wn_cause_radius, text, ret_value, ret_present);
}

static enum wn_code to_cs_cause(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)err;
    return give_cause(how, wn_cause_cs, text, ret_value, ret_present);
}

static enum wn_code to_ps_cause(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)err;
    return give_cause(how, wn_cause_ps, text, ret_value, ret_present);
}

static enum wn_code to_cucm_cause(struct wn_converting *how, struct wn_slice text,
                                  struct wn_value *ret_value, bool *ret_present,
                                  struct wn_error *err)
{
    (void)err;
    uint64_t number;
    (void)give_cause(how, wn_cause_cucm, text, ret_value, ret_present);
    *ret_present = !wn_slice_number(text, &number) || number != 0;
    return WN_OK;
}

/** Read hexadecimal digits by the conversion of the octets that they stand for. */
static enum wn_code of_hex(struct wn_converting *how, wn_convert *coded, struct wn_slice text,
                           struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    const bool is_marked = wn_slice_starts(text, "0x") || wn_slice_starts(text, "0X");
    struct wn_slice digits = wn_slice_after(text, is_marked ? 2 : 0);
    char *octets = wn_arena_take(how->arena, digits.len / 2 + 1);
    if (!wn_unhex(digits, digits.len / 2, (uint8_t *)octets)) {
        return wn_fail(err, WN_REJECT, how->kind == WN_KIND_PLMN ? "bad-identifier" : "bad-time",
                       "not octets in hexadecimal digits");
    }
    return coded(how, (struct wn_slice){ octets, digits.len / 2 }, ret_value, ret_present, err);
}

static enum wn_code to_timestamp(struct wn_converting *how, struct wn_slice text,
                                 struct wn_value *ret_value, bool *ret_present,
                                 struct wn_error *err)
{
    return of_hex(how, wn_coded_timestamp, text, ret_value, ret_present, err);
}

static enum wn_code to_timestamp_offset(struct wn_converting *how, struct wn_slice text,
                                        struct wn_value *ret_value, bool *ret_present,
                                        struct wn_error *err)
{
    return of_hex(how, wn_coded_timestamp_offset, text, ret_value, ret_present, err);
}

static enum wn_code to_location_plmn(struct wn_converting *how, struct wn_slice text,
                                     struct wn_value *ret_value, bool *ret_present,
                                     struct wn_error *err)
{
    return of_hex(how, wn_coded_location_plmn, text, ret_value, ret_present, err);
}

static enum wn_code to_octets64(struct wn_converting *how, struct wn_slice text,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    const int64_t segment = 64;
    if (to_int(how, text, ret_value, ret_present, err) != WN_OK) {
        return err->code;
    }
    if (__builtin_mul_overflow(ret_value->number, segment, &ret_value->number)) {
        *ret_present = false;
        return fail_integer(text, err);
    }
    return WN_OK;
}

static const struct wn_conversion conversions[] = {
    { "int", BIT(WN_KIND_COUNT) | BIT(WN_KIND_SCORE) | BIT(WN_KIND_OFFSET), false, to_int,
      "bad-integer", wn_coded_int, NUMBERS },
    { "hundredths", BIT(WN_KIND_SCORE), false, to_hundredths, "bad-integer", NULL, 0 },
    { "s", BIT(WN_KIND_DURATION), false, to_s, "bad-integer", wn_coded_s, NUMBERS },
    { "ms", BIT(WN_KIND_DURATION), false, to_ms, "bad-integer", wn_coded_int, NUMBERS },
    { "us", BIT(WN_KIND_DURATION), false, to_us, "bad-integer", NULL, 0 },
    { "hms", BIT(WN_KIND_DURATION), false, to_hms, "bad-integer", NULL, 0 },
    { "octets", BIT(WN_KIND_OCTETS), false, to_int, "bad-integer", wn_coded_int, NUMBERS },
    { "octets64", BIT(WN_KIND_OCTETS), false, to_octets64, "bad-integer", wn_coded_octets64,
      NUMBERS },
    { "epoch_s", BIT(WN_KIND_TIME), false, to_epoch_s, "bad-time", NULL, 0 },
    { "epoch_ms", BIT(WN_KIND_TIME), false, to_epoch_ms, "bad-time", NULL, 0 },
    { "epoch_us", BIT(WN_KIND_TIME), false, to_epoch_us, "bad-time", NULL, 0 },
    { "stamp_utc", BIT(WN_KIND_TIME), false, to_stamp_utc, "bad-time", NULL, 0 },
    { "stamp_local", BIT(WN_KIND_TIME), true, to_stamp_local, "bad-time", NULL, 0 },
    { "radius_date", BIT(WN_KIND_TIME), true, to_radius_date, "bad-time", NULL, 0 },
    { "id_epoch", BIT(WN_KIND_TIME), false, to_id_epoch, "bad-time", NULL, 0 },
    { "timestamp", BIT(WN_KIND_TIME), false, to_timestamp, "bad-time", wn_coded_timestamp,
      BIT(WN_FORM_TIMESTAMP) },
    { "timestamp_offset", BIT(WN_KIND_OFFSET), false, to_timestamp_offset, "bad-time",
      wn_coded_timestamp_offset, BIT(WN_FORM_TIMESTAMP) },
    { "tz_3gpp", BIT(WN_KIND_OFFSET), false, to_tz_3gpp, "bad-time", wn_coded_tz_3gpp,
      BIT(WN_FORM_MS_TIME_ZONE) },
    { "number", BIT(WN_KIND_NUMBER), false, to_kind, "bad-identifier", wn_coded_number, ADDRESSES },
    { "imsi", BIT(WN_KIND_IMSI), false, to_kind, "bad-identifier", wn_coded_imsi, DIGITS },
    { "imei", BIT(WN_KIND_IMEI), false, to_kind, "bad-identifier", wn_coded_imei, DIGITS },
    { "nai", BIT(WN_KIND_NAI), false, to_kind, "bad-identifier", NULL, 0 },
    { "email", BIT(WN_KIND_EMAIL), false, to_kind, "bad-identifier", NULL, 0 },
    { "mac", BIT(WN_KIND_MAC), false, to_kind, "bad-identifier", NULL, 0 },
    { "ip", BIT(WN_KIND_IP), false, to_kind, "bad-identifier", wn_coded_ip, BIT(WN_FORM_IP) },
    { "account", BIT(WN_KIND_ACCOUNT), false, to_kind, "bad-identifier", NULL, 0 },
    { "id", BIT(WN_KIND_ID), false, to_kind, "bad-identifier", NULL, 0 },
    { "token", BIT(WN_KIND_TOKEN), false, to_kind, "bad-identifier", NULL, 0 },
    { "plmn", BIT(WN_KIND_PLMN), false, to_kind, "bad-identifier", wn_coded_plmn,
      BIT(WN_FORM_PLMN) },
    { "location_plmn", BIT(WN_KIND_PLMN), false, to_location_plmn, "bad-identifier",
      wn_coded_location_plmn, BIT(WN_FORM_OCTETS) },
    { "apn", BIT(WN_KIND_APN), false, to_kind, "bad-identifier", NULL, 0 },
    { "currency", BIT(WN_KIND_CURRENCY), false, to_kind, "bad-amount", NULL, 0 },
    { "decimal", BIT(WN_KIND_AMOUNT), false, to_decimal, "bad-amount", NULL, 0 },
    { "cents", BIT(WN_KIND_AMOUNT), false, to_cents, "bad-amount", NULL, 0 },
    { "millionths", BIT(WN_KIND_AMOUNT), false, to_millionths, "bad-amount", NULL, 0 },
    { "freeswitch_cause", BIT(WN_KIND_CAUSE), false, to_freeswitch_cause, "bad-identifier", NULL,
      0 },
    { "q850_cause", BIT(WN_KIND_CAUSE), false, to_q850_cause, "bad-identifier", NULL, 0 },
    { "sip_cause", BIT(WN_KIND_CAUSE), false, to_sip_cause, "bad-identifier", NULL, 0 },
    { "radius_cause", BIT(WN_KIND_CAUSE), false, to_radius_cause, "bad-identifier", NULL, 0 },
    { "cs_cause", BIT(WN_KIND_CAUSE), false, to_cs_cause, "bad-identifier", NULL, 0 },
    { "ps_cause", BIT(WN_KIND_CAUSE), false, to_ps_cause, "bad-identifier", NULL, 0 },
    { "cucm_cause", BIT(WN_KIND_CAUSE), false, to_cucm_cause, "bad-identifier", NULL, 0 },
};

const struct wn_conversion *wn_conversion_at(unsigned i)
{
    return i < WN_COUNT(conversions) ? &conversions[i] : NULL;
}

const struct wn_conversion *wn_conversion_of(enum wn_kind kind)
{
    for (size_t i = 0; i < WN_COUNT(conversions); i++) {
        if (conversions[i].kinds == BIT(kind) && conversions[i].convert == to_kind) {
            return &conversions[i];
        }
    }
    return NULL;
}
