// SPDX-License-Identifier: Apache-2.0

#include "winnow/kind.h"

#include <assert.h>

#include "read.h"
#include "winnow/number.h"

/** The table of kinds, by enum wn_kind. */
static const struct {
    const char *name;
    bool may_keep;
    wn_kind_reader *read; ///< NULL: not a text kind.
} kinds[] = {
    [WN_KIND_NONE] = { "", false, NULL },
    [WN_KIND_TIME] = { "time", true, NULL },
    [WN_KIND_DURATION] = { "duration", true, NULL },
    [WN_KIND_OCTETS] = { "octets", true, NULL },
    [WN_KIND_COUNT] = { "count", true, NULL },
    [WN_KIND_OFFSET] = { "offset", true, NULL },
    [WN_KIND_SCORE] = { "score", true, NULL },
    [WN_KIND_AMOUNT] = { "amount", true, NULL },
    [WN_KIND_FLAG] = { "flag", true, NULL },
    [WN_KIND_ENUM] = { "enum", true, NULL },
    [WN_KIND_CAUSE] = { "cause", true, NULL },
    [WN_KIND_NUMBER] = { "number", true, wn_number_read },
    [WN_KIND_IMSI] = { "imsi", false, wn_imsi_read },
    [WN_KIND_IMEI] = { "imei", false, wn_imei_read },
    [WN_KIND_NAI] = { "nai", false, wn_nai_read },
    [WN_KIND_EMAIL] = { "email", false, wn_email_read },
    [WN_KIND_MAC] = { "mac", false, wn_mac_read },
    [WN_KIND_IP] = { "ip", false, wn_ip_read },
    [WN_KIND_ACCOUNT] = { "account", true, wn_account_read },
    [WN_KIND_SUBSCRIBER] = { "subscriber", false, NULL },
    [WN_KIND_ID] = { "id", false, wn_id_read },
    [WN_KIND_TOKEN] = { "token", true, wn_token_read },
    [WN_KIND_PLMN] = { "plmn", true, wn_plmn_read },
    [WN_KIND_APN] = { "apn", true, wn_apn_read },
    [WN_KIND_CURRENCY] = { "currency", true, wn_currency_read },
};

_Static_assert(WN_COUNT(kinds) == WN_KINDS, "a kind has no row");

const char *wn_kind_name(enum wn_kind kind)
{
    assert(kind < WN_KINDS);
    return kinds[kind].name;
}

enum wn_kind wn_kind_find(struct wn_slice name)
{
    for (unsigned kind = WN_KIND_NONE + 1; kind < WN_KINDS; kind++) {
        if (wn_slice_is(name, kinds[kind].name)) {
            return (enum wn_kind)kind;
        }
    }
    return WN_KIND_NONE;
}

bool wn_kind_may_keep(enum wn_kind kind)
{
    assert(kind < WN_KINDS);
    return kinds[kind].may_keep;
}

bool wn_kind_is_subscriber(enum wn_kind kind)
{
    return kind == WN_KIND_IMSI || kind == WN_KIND_NAI || kind == WN_KIND_ACCOUNT ||
           kind == WN_KIND_NUMBER;
}

bool wn_kind_is_text(enum wn_kind kind)
{
    assert(kind < WN_KINDS);
    return kinds[kind].read != NULL;
}

// NOLINTNEXTLINE(readability-function-size): a reader's six parameters, and which reader.
enum wn_code wn_kind_read(enum wn_kind kind, const struct wn_reading *how, struct wn_slice text,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err)
{
    assert(wn_kind_is_text(kind));

    *ret_value = (struct wn_value){ 0 };
    *ret_present = false;
    return kinds[kind].read(how, text, arena, ret_value, ret_present, err);
}

static void add_i64(int64_t number, struct wn_buffer *ret_bytes)
{
    uint8_t bytes[sizeof(number)];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * (sizeof(bytes) - 1 - i)));
    }
    wn_buffer_add(ret_bytes, bytes, sizeof(bytes));
}

void wn_kind_canonical(enum wn_kind kind, const struct wn_value *value, const char *const *symbols,
                       struct wn_buffer *ret_bytes)
{
    switch (kind) {
    case WN_KIND_TIME:
    case WN_KIND_DURATION:
    case WN_KIND_OCTETS:
    case WN_KIND_COUNT:
    case WN_KIND_OFFSET:
    case WN_KIND_SCORE:
    case WN_KIND_AMOUNT:
        add_i64(value->number, ret_bytes);
        return;
    case WN_KIND_FLAG:
        wn_buffer_text(ret_bytes, value->number != 0 ? "true" : "false");
        return;
    case WN_KIND_ENUM:
        assert(symbols != NULL && value->number >= 0);
        wn_buffer_text(ret_bytes, symbols[value->number]);
        return;
    case WN_KIND_CAUSE:
        wn_buffer_text(ret_bytes, wn_cause_name((enum wn_cause)value->number));
        return;
    case WN_KIND_NUMBER:
        if ((value->marks & WN_MARK_E164) == 0) {
            wn_buffer_text(ret_bytes, wn_number_class_name((enum wn_number_class)value->class));
            wn_buffer_text(ret_bytes, ":");
        }
        break;
    case WN_KIND_IMSI:
    case WN_KIND_IMEI:
    case WN_KIND_NAI:
    case WN_KIND_EMAIL:
    case WN_KIND_MAC:
    case WN_KIND_IP:
    case WN_KIND_ACCOUNT:
    case WN_KIND_SUBSCRIBER:
    case WN_KIND_ID:
    case WN_KIND_TOKEN:
    case WN_KIND_PLMN:
    case WN_KIND_APN:
    case WN_KIND_CURRENCY:
        break;
    case WN_KIND_NONE:
    case WN_KINDS:
        return; // Asserted above.
    }
    wn_buffer_add(ret_bytes, value->text.at, value->text.len);
}
