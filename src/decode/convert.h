// SPDX-License-Identifier: Apache-2.0

/** Conversions of values that are no text, one for each row of the table in convert.c that has one:
 * by (conversion, form). */

#ifndef DECODE_CONVERT_H
#define DECODE_CONVERT_H

#include "plan.h"
#include "winnow/form.h"

wn_convert wn_coded_int;              ///< INTEGER, ENUM, UNSIGNED as they stand.
wn_convert wn_coded_s;                ///< The same of seconds.
wn_convert wn_coded_octets64;         ///< The same of segments of 64 octets.
wn_convert wn_coded_timestamp;        ///< TIMESTAMP.
wn_convert wn_coded_timestamp_offset; ///< Its offset.
wn_convert wn_coded_tz_3gpp;          ///< MS_TIME_ZONE.
wn_convert wn_coded_number;           ///< ADDRESS, DIRECTORY, SMS_ADDRESS.
wn_convert wn_coded_imsi;             ///< TBCD, or OCTETS that hold it.
wn_convert wn_coded_imei;             ///< The same.
wn_convert wn_coded_plmn;             ///< PLMN.
wn_convert wn_coded_location_plmn;    ///< OCTETS of a user location.
wn_convert wn_coded_ip;               ///< IP.

/** Give a local time out: the first instant, and whether there is a later one. */
void wn_convert_give_instants(struct wn_converting *how, const struct wn_instants *instants,
                              struct wn_value *ret_value);

#endif
