// SPDX-License-Identifier: Apache-2.0

/*
 * Conversions of values that are no text: from the octets of BER to a field's value, by their form.
 * What octets mean is record's to say (coded.h); here the one is put to the other. A form that a
 * conversion does not know comes to it as text.
 */

#include "convert.h"
#include "winnow/ber.h"
#include "winnow/coded.h"

enum {
    SECOND_MS = 1000,
    SEGMENT = 64, ///< Octets of a segment of dataVolume (TS 32.298 5.1.2.1.20).
};

static enum wn_code to_number(const struct wn_converting *how, struct wn_slice octets,
                              int64_t factor, struct wn_value *ret_value, bool *ret_present,
                              struct wn_error *err)
{
    const bool is_unsigned = how->form == WN_FORM_UNSIGNED || how->plan->raw_unsigned;
    if (wn_integer_octets(octets, is_unsigned ? WN_INTEGER_UNSIGNED : WN_INTEGER_COUNT,
                          &ret_value->number, err) != WN_OK) {
        return err->code;
    }
    if (__builtin_mul_overflow(ret_value->number, factor, &ret_value->number)) {
        return wn_fail(err, WN_REJECT, "bad-integer", "a number of over 63 bits in its unit");
    }
    *ret_present = true;
    return WN_OK;
}

enum wn_code wn_coded_int(struct wn_converting *how, struct wn_slice octets,
                          struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return to_number(how, octets, 1, ret_value, ret_present, err);
}

enum wn_code wn_coded_s(struct wn_converting *how, struct wn_slice octets,
                        struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return to_number(how, octets, SECOND_MS, ret_value, ret_present, err);
}

enum wn_code wn_coded_octets64(struct wn_converting *how, struct wn_slice octets,
                               struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return to_number(how, octets, SEGMENT, ret_value, ret_present, err);
}

enum wn_code wn_coded_timestamp(struct wn_converting *how, struct wn_slice octets,
                                struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    struct wn_stamp stamp;
    if (wn_stamp_octets(octets, &how->plan->clock, how->plan->offsets_by_zone, &stamp, ret_present,
                        err) != WN_OK) {
        return err->code;
    }
    wn_convert_give_instants(how, &stamp.instants, ret_value);
    how->unknown = stamp.is_leap; // Counted by its name: the node's clock wants a look.
    return WN_OK;
}

enum wn_code wn_coded_timestamp_offset(struct wn_converting *how, struct wn_slice octets,
                                       struct wn_value *ret_value, bool *ret_present,
                                       struct wn_error *err)
{
    struct wn_stamp stamp;
    if (wn_stamp_octets(octets, &how->plan->clock, how->plan->offsets_by_zone, &stamp, ret_present,
                        err) != WN_OK) {
        return err->code;
    }
    ret_value->number = stamp.offset_min;
    *ret_present = *ret_present && stamp.has_offset;
    return WN_OK;
}

enum wn_code wn_coded_tz_3gpp(struct wn_converting *how, struct wn_slice octets,
                              struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    int32_t minutes = 0;
    if (octets.len == 0 || (uint8_t)octets.at[0] == UINT8_MAX) {
        return WN_OK;
    }
    if (wn_time_tz_octets(octets, &minutes, err) != WN_OK) {
        return err->code;
    }
    ret_value->number = minutes;
    *ret_present = true;
    return WN_OK;
}

enum wn_code wn_coded_number(struct wn_converting *how, struct wn_slice octets,
                             struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    const enum wn_address_coding coding = how->form == WN_FORM_DIRECTORY     ? WN_ADDRESS_DIRECTORY
                                          : how->form == WN_FORM_SMS_ADDRESS ? WN_ADDRESS_SMS
                                                                             : WN_ADDRESS_STRING;
    return wn_address_read(coding, &how->plan->reading, octets, how->arena, ret_value, ret_present,
                           err);
}

enum wn_code wn_coded_imsi(struct wn_converting *how, struct wn_slice octets,
                           struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return wn_imsi_octets(&how->plan->reading, octets, how->arena, ret_value, ret_present, err);
}

enum wn_code wn_coded_imei(struct wn_converting *how, struct wn_slice octets,
                           struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return wn_imei_octets(&how->plan->reading, octets, how->arena, ret_value, ret_present, err);
}

enum wn_code wn_coded_plmn(struct wn_converting *how, struct wn_slice octets,
                           struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return wn_plmn_octets(&how->plan->reading, octets, how->arena, ret_value, ret_present, err);
}

enum wn_code wn_coded_location_plmn(struct wn_converting *how, struct wn_slice octets,
                                    struct wn_value *ret_value, bool *ret_present,
                                    struct wn_error *err)
{
    return wn_location_plmn_octets(&how->plan->reading, octets, how->arena, ret_value, ret_present,
                                   err);
}

enum wn_code wn_coded_ip(struct wn_converting *how, struct wn_slice octets,
                         struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    return wn_ip_element(&how->plan->reading, octets, how->arena, ret_value, ret_present, err);
}
