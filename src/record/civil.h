// SPDX-License-Identifier: Apache-2.0

/** What of dates only this room needs. */

#ifndef WINNOW_RECORD_CIVIL_H
#define WINNOW_RECORD_CIVIL_H

#include "winnow/time.h"

/** @return whether year, month and day are a date from 2000 to 2199. */
bool wn_civil_is_date(const struct wn_civil *civil);

#endif
