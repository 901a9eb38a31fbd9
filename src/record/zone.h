// SPDX-License-Identifier: Apache-2.0

/** What of a zone only this room needs. */

#ifndef WINNOW_RECORD_ZONE_H
#define WINNOW_RECORD_ZONE_H

#include "winnow/time.h"

/** @return the abbreviation of local time at an instant ("CEST"); lives as long as the zone. */
const char *wn_zone_abbreviation(const struct wn_zone *zone, int64_t utc_ms);

/**
 * Read the content of a TZif file.
 *
 * @param bytes  Need not outlive the call.
 * @return the zone, the caller's to give to wn_zone_close(); NULL where the content is no TZif of
 *         version 2 or later, is damaged, or counts leap seconds.
 */
struct wn_zone *wn_zone_parse(struct wn_slice bytes);

#endif
