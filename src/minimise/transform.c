// SPDX-License-Identifier: Apache-2.0

/*
 * The transforms, but for the pseudonym (pseudonym.c), and the check that a record's values can
 * be transformed. The check is all that can fail: it comes before anything of a record is output,
 * so that no record goes to one purpose and breaks at the next.
 */

#include "transform.h"

#include <assert.h>
#include <stdio.h>

#include "winnow/identifier.h"
#include "winnow/minimise.h"
#include "winnow/number.h"

enum {
    MODEL_DIGITS = 8,
    MCC_DIGITS = 3,
    ADDRESS_BYTES = 16,
    V4_BEGIN = 96, ///< Bits before the IPv4 address in its mapped form.
    SUSPECT_DIGITS = 9,
    MAC_PAIRS = 6,
};

int64_t wn_transform_floor(int64_t time_ms, int64_t step_ms)
{
    int64_t over = time_ms % step_ms;
    return time_ms - (over < 0 ? over + step_ms : over);
}

int64_t wn_transform_bucket(const struct wn_output *output, int64_t number)
{
    int64_t largest = 0;
    for (unsigned i = 0; i < output->n_args && output->args[i] <= number; i++) {
        largest = output->args[i];
    }
    return largest;
}

/** The digits of a number, where they may show. */
static bool shown_digits(const struct wn_value *value, struct wn_slice *ret_text)
{
    *ret_text = value->text;
    return value->text.len > 0 && (value->marks & WN_MARK_SHIELDED) == 0;
}

/** `NL/mobile`; the class alone where no country code says a country. */
static struct wn_slice destination(const struct wn_value *value, char *scratch)
{
    if (!value) {
        return wn_slice_of(wn_number_class_name(WN_NUMBER_WITHHELD));
    }
    const char *class = wn_number_class_name((enum wn_number_class)value->class);
    if ((value->marks & WN_MARK_E164) == 0 || value->text.len == 0) {
        return wn_slice_of(class);
    }
    int len = snprintf(scratch, WN_TRANSFORM_TEXT, "%.8s/%.32s", wn_number_country(value), class);
    return (struct wn_slice){ scratch, (size_t)len };
}

/** MCC-MNC of an IMSI; the MCC alone where its country has MNCs of two and of three digits. */
static struct wn_slice network(struct wn_slice imsi, char *scratch)
{
    unsigned mnc = wn_imsi_mnc_digits(imsi);
    if (mnc == 0) {
        return (struct wn_slice){ imsi.at, MCC_DIGITS };
    }
    memcpy(scratch, imsi.at, MCC_DIGITS);
    scratch[MCC_DIGITS] = '-';
    memcpy(scratch + MCC_DIGITS + 1, imsi.at + MCC_DIGITS, mnc);
    return (struct wn_slice){ scratch, MCC_DIGITS + 1 + mnc };
}

bool wn_transform_text(const struct wn_output *output, const struct wn_value *value,
                       char scratch[WN_TRANSFORM_TEXT], struct wn_slice *ret_text)
{
    if (output->transform == WN_TRANSFORM_DESTINATION) {
        *ret_text = destination(value, scratch);
        return true;
    }
    if (!value) {
        return false;
    }
    if (output->transform == WN_TRANSFORM_KEEP) {
        if (output->kind == WN_KIND_NUMBER) {
            return shown_digits(value, ret_text);
        }
        *ret_text = value->text;
    } else if (output->transform == WN_TRANSFORM_COUNTRY) {
        const bool number = output->kind == WN_KIND_NUMBER;
        if (number && value->text.len == 0) {
            return false;
        }
        *ret_text = wn_slice_of(number ? wn_number_country(value) : wn_plmn_country(value->text));
    } else if (output->transform == WN_TRANSFORM_DIGITS) {
        const bool shown = shown_digits(value, ret_text);
        if (ret_text->len > (size_t)output->args[0]) {
            ret_text->len = (size_t)output->args[0];
        }
        return shown;
    } else if (output->transform == WN_TRANSFORM_NETWORK) {
        *ret_text = network(value->text, scratch);
    } else {
        assert(output->transform == WN_TRANSFORM_MODEL);
        *ret_text = (struct wn_slice){ value->text.at, MODEL_DIGITS };
    }
    return true;
}

void wn_transform_prefix(const struct wn_output *output, struct wn_slice address,
                         uint8_t ret_prefix[16])
{
    static const uint8_t mapped[V4_BEGIN / 8] = { [10] = 0xff, [11] = 0xff };

    assert(address.len == ADDRESS_BYTES);
    memcpy(ret_prefix, address.at, ADDRESS_BYTES);
    const bool v4 = memcmp(ret_prefix, mapped, sizeof(mapped)) == 0;
    const size_t bits = v4 ? V4_BEGIN + (size_t)output->args[0] : (size_t)output->args[1];
    for (size_t i = 0; i < ADDRESS_BYTES; i++) {
        if (i * 8 >= bits) {
            ret_prefix[i] = 0;
        } else if (bits - i * 8 < 8) {
            ret_prefix[i] &= (uint8_t)(0xff << (8 - (bits - i * 8)));
        }
    }
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/** @return whether six pairs of hexadecimal digits with `-` or `:` between them begin here. */
static bool is_mac(struct wn_slice text)
{
    if (text.len < MAC_PAIRS * 3 - 1) {
        return false;
    }
    for (unsigned i = 0; i < MAC_PAIRS * 3 - 1; i++) {
        const char c = text.at[i];
        if (i % 3 == 2 ? c != '-' && c != ':' : !is_hex(c)) {
            return false;
        }
    }
    return true;
}

/** @return whether an operator's label looks like a person's: an `@`, nine digits in a row, a MAC.
 */
static bool is_suspect(struct wn_slice text)
{
    unsigned digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (c == '@' || digits == SUSPECT_DIGITS || is_mac(wn_slice_after(text, i))) {
            return true;
        }
    }
    return false;
}

/** What is wrong with a value; NULL: nothing. */
static const char *kept_fault(const struct wn_output *output, const struct wn_value *value)
{
    switch (output->avro) {
    case WN_AVRO_BOOLEAN:
        return value->number == 0 || value->number == 1 ? NULL : "it is neither 0 nor 1";
    case WN_AVRO_INT:
        return value->number >= INT32_MIN && value->number <= INT32_MAX
                   ? NULL
                   : "it is too large for an int";
    case WN_AVRO_ENUM:
        return value->number >= 0 && value->number < output->n_symbols
                   ? NULL
                   : "it is no symbol of the enum";
    case WN_AVRO_STRING:
        return output->kind == WN_KIND_NUMBER && value->text.len > WN_NUMBER_TEXT
                   ? "it is too long for a number"
                   : NULL;
    case WN_AVRO_LONG:
    case WN_AVRO_BYTES:
    case WN_AVRO_FIXED:
    case WN_AVRO_ENUMS:
    case WN_AVRO_ORIGIN:
    case WN_AVRO_ITEMS:
        break;
    }
    return NULL;
}

static const char *value_fault(const struct wn_output *output, const struct wn_value *value)
{
    switch (output->transform) {
    case WN_TRANSFORM_KEEP:
        return kept_fault(output, value);
    case WN_TRANSFORM_PSEUDONYM:
        return value->text.len > 0 || output->kind == WN_KIND_NUMBER ? NULL : "it is empty";
    case WN_TRANSFORM_CLASS:
    case WN_TRANSFORM_DESTINATION:
        return value->class < WN_NUMBER_CLASSES ? NULL : "it has no class";
    case WN_TRANSFORM_NETWORK:
        return value->text.len == 14 || value->text.len == 15 ? NULL : "it is no IMSI";
    case WN_TRANSFORM_MODEL:
        return value->text.len >= MODEL_DIGITS ? NULL : "it is no IMEI";
    case WN_TRANSFORM_PREFIX:
        return value->text.len == ADDRESS_BYTES ? NULL : "it is no address";
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
    case WN_TRANSFORM_SHIELDED:
    case WN_TRANSFORM_WITHHELD:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORMS:
        break;
    }
    return NULL;
}

/** @return whether an absent value still gives something. */
static bool may_be_absent(const struct wn_output *output, bool item)
{
    switch (output->transform) {
    case WN_TRANSFORM_CLASS:
    case WN_TRANSFORM_DESTINATION:
    case WN_TRANSFORM_SHIELDED:
    case WN_TRANSFORM_WITHHELD:
        return true;
    case WN_TRANSFORM_KEEP: // An item's flag that the source does not write is false.
        return output->nullable || (item && output->avro == WN_AVRO_BOOLEAN);
    case WN_TRANSFORM_PSEUDONYM:
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORM_NETWORK:
    case WN_TRANSFORM_MODEL:
    case WN_TRANSFORM_PREFIX:
    case WN_TRANSFORMS:
        break;
    }
    return output->nullable;
}

static enum wn_code check_value(const struct wn_purpose *purpose, const struct wn_output *output,
                                bool item, const struct wn_value *value, struct wn_error *err)
{
    const char *place = item ? "usage." : "";

    if (!value) {
        return may_be_absent(output, item) ? WN_OK
                                           : wn_fail(err, WN_REJECT, "transform-failed",
                                                     "purpose '%s', field '%s%s': it is missing",
                                                     purpose->name, place, output->name);
    }
    const char *fault = value_fault(output, value);
    if (fault) {
        return wn_fail(err, WN_REJECT, "transform-failed", "purpose '%s', field '%s%s': %s",
                       purpose->name, place, output->name, fault);
    }
    if ((output->kind == WN_KIND_TOKEN || output->kind == WN_KIND_APN) && is_suspect(value->text)) {
        return wn_fail(err, WN_REJECT, "token-suspect",
                       "purpose '%s', field '%s%s': it looks like a person's identifier",
                       purpose->name, place, output->name);
    }
    return WN_OK;
}

/** The subscriber's kind must be one that `subscriber_kind` has a symbol for. */
static enum wn_code check_subscriber(const struct wn_purpose *purpose,
                                     const struct wn_record *record, struct wn_error *err)
{
    const enum wn_kind kind = record->subscriber_kind;
    const bool known = kind == WN_KIND_IMSI || kind == WN_KIND_NAI || kind == WN_KIND_ACCOUNT ||
                       kind == WN_KIND_NUMBER;
    if (known && record->subscriber.len > 0) {
        return WN_OK;
    }
    return wn_fail(err, WN_REJECT, "transform-failed",
                   "purpose '%s', field 'subscriber': it is missing, or of no kind that a "
                   "subscriber has",
                   purpose->name);
}

static enum wn_code check_items(const struct wn_purpose *purpose, const struct wn_record *record,
                                struct wn_error *err)
{
    for (unsigned i = 0; i < record->n_items && purpose->n_items > 0; i++) {
        const struct wn_item *item = &record->items[i];
        for (unsigned n = 0; n < purpose->n_items; n++) {
            const struct wn_output *output = &purpose->items[n];
            const bool present = (item->present >> output->slot & 1) != 0;
            enum wn_code rc = check_value(purpose, output, true,
                                          present ? &item->values[output->slot] : NULL, err);
            if (rc != WN_OK) {
                return rc;
            }
        }
    }
    return WN_OK;
}

enum wn_code wn_minimise_check(const struct wn_purpose *purpose, const struct wn_record *record,
                               struct wn_error *err)
{
    enum wn_code rc = check_subscriber(purpose, record, err);

    for (unsigned i = 0; i < purpose->n_outputs && rc == WN_OK; i++) {
        const struct wn_output *output = &purpose->outputs[i];
        if (output->kind == WN_KIND_NONE || output->kind == WN_KIND_SUBSCRIBER) {
            continue; // Made by winnow, or the repeated group.
        }
        const bool present = wn_record_has(record, output->slot);
        rc = check_value(purpose, output, false, present ? &record->values[output->slot] : NULL,
                         err);
    }
    return rc == WN_OK ? check_items(purpose, record, err) : rc;
}
