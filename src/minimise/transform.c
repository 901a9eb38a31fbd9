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
    MAC_LENGTH = 6 * 3 - 1,
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
        *ret_text = value->text;
        return output->kind != WN_KIND_NUMBER || wn_transform_shows(value);
    }
    if (output->transform == WN_TRANSFORM_COUNTRY) {
        const bool number = output->kind == WN_KIND_NUMBER;
        if (number && value->text.len == 0) {
            return false;
        }
        *ret_text = wn_slice_of(number ? wn_number_country(value) : wn_plmn_country(value->text));
    } else if (output->transform == WN_TRANSFORM_DIGITS) {
        *ret_text = value->text;
        if (ret_text->len > (size_t)output->args[0]) {
            ret_text->len = (size_t)output->args[0];
        }
        return wn_transform_shows(value);
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
static bool is_mac(const char *at)
{
    for (unsigned i = 0; i < MAC_LENGTH; i++) {
        if (i % 3 == 2 ? at[i] != '-' && at[i] != ':' : !is_hex(at[i])) {
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
        if (c == '@' || digits == SUSPECT_DIGITS) {
            return true;
        }
    }
    for (size_t i = 0; i + MAC_LENGTH <= text.len; i++) {
        if (is_mac(text.at + i)) {
            return true;
        }
    }
    return false;
}

/** What is wrong with a value; NULL: nothing. */
static inline const char *value_fault(const struct wn_plan_step *step, const struct wn_value *value)
{
    switch ((enum wn_value_check)step->check) {
    case WN_CHECK_NONE:
        break;
    case WN_CHECK_FLAG:
        return (uint64_t)value->number <= 1 ? NULL : "it is neither 0 nor 1";
    case WN_CHECK_INT:
        return value->number == (int32_t)value->number ? NULL : "it is too large for an int";
    case WN_CHECK_SYMBOL:
        return (uint64_t)value->number < step->n_symbols ? NULL : "it is no symbol of the enum";
    case WN_CHECK_NUMBER:
        return value->text.len <= WN_NUMBER_TEXT ? NULL : "it is too long for a number";
    case WN_CHECK_CLASS:
        return value->class < WN_NUMBER_CLASSES ? NULL : "it has no class";
    case WN_CHECK_FILLED:
        return value->text.len > 0 ? NULL : "it is empty";
    case WN_CHECK_IMSI:
        return value->text.len == 14 || value->text.len == 15 ? NULL : "it is no IMSI";
    case WN_CHECK_IMEI:
        return value->text.len >= MODEL_DIGITS ? NULL : "it is no IMEI";
    case WN_CHECK_ADDRESS:
        return value->text.len == ADDRESS_BYTES ? NULL : "it is no address";
    case WN_CHECK_LABEL:
        return is_suspect(value->text) ? "it looks like a person's identifier" : NULL;
    }
    return NULL;
}

/** A record refused; `item`: for a field of the repeated group. */
static enum wn_code refuse(const struct wn_purpose *purpose, const struct wn_output *output,
                           bool item, const char *reason, const char *fault, struct wn_error *err)
{
    return wn_fail(err, WN_REJECT, reason, "purpose '%s', field '%s%s': %s", purpose->name,
                   item ? "usage." : "", output->name, fault);
}

/** What of a record, or of an item of it, is checked. */
struct checking {
    const struct wn_purpose *purpose;
    const struct wn_plan_step *steps;
    const struct wn_output *outputs; ///< One each.
    unsigned n;
    const struct wn_plan_checks *checks;
    bool item;
    uint64_t required; ///< Slots.
};

/** Name the first field that is required and missing. */
static enum wn_code refuse_missing(const struct checking *checking, uint64_t missing,
                                   struct wn_error *err)
{
    unsigned i = 0;
    while (checking->outputs[i].kind == WN_KIND_NONE ||
           (missing >> checking->outputs[i].slot & 1) == 0) {
        i++;
        assert(i < checking->n);
    }
    return refuse(checking->purpose, &checking->outputs[i], checking->item, "transform-failed",
                  "it is missing", err);
}

/** What must be there is one question to the bitmap; of the rest only what can be wrong is seen. */
static enum wn_code check_values(const struct checking *checking, uint64_t present,
                                 const struct wn_value *values, struct wn_error *err)
{
    const uint64_t missing = checking->required & ~present;

    if (missing != 0) {
        return refuse_missing(checking, missing, err);
    }
    for (unsigned k = 0; k < checking->checks->n; k++) {
        const unsigned i = checking->checks->steps[k];
        const struct wn_plan_step *step = &checking->steps[i];
        if ((present >> step->slot & 1) == 0) {
            continue;
        }
        const char *fault = value_fault(step, &values[step->slot]);
        if (fault) {
            return refuse(checking->purpose, &checking->outputs[i], checking->item,
                          step->check == WN_CHECK_LABEL ? "token-suspect" : "transform-failed",
                          fault, err);
        }
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
    const struct checking checking = { .purpose = purpose,
                                       .steps = purpose->item_steps,
                                       .outputs = purpose->items,
                                       .n = purpose->n_items,
                                       .checks = &purpose->item_checks,
                                       .item = true,
                                       .required = purpose->item_required };
    enum wn_code rc = WN_OK;

    for (unsigned i = 0; purpose->n_items > 0 && i < record->n_items && rc == WN_OK; i++) {
        const struct wn_item *item = &record->items[i];
        rc = check_values(&checking, item->present, item->values, err);
    }
    return rc;
}

enum wn_code wn_minimise_check(const struct wn_purpose *purpose, const struct wn_record *record,
                               struct wn_error *err)
{
    const struct checking checking = { .purpose = purpose,
                                       .steps = purpose->steps,
                                       .outputs = purpose->outputs,
                                       .n = purpose->n_outputs,
                                       .checks = &purpose->checks,
                                       .required = purpose->required };
    enum wn_code rc = check_subscriber(purpose, record, err);

    assert(purpose->n_outputs == 0 || purpose->steps[0].op != WN_OP_NONE); // It is compiled.
    assert(purpose->n_items == 0 || purpose->item_steps[0].op != WN_OP_NONE);
    rc = rc == WN_OK ? check_values(&checking, record->present, record->values, err) : rc;
    return rc == WN_OK ? check_items(purpose, record, err) : rc;
}
