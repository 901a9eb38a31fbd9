// SPDX-License-Identifier: Apache-2.0

#ifndef CMD_CAT_RAW_H
#define CMD_CAT_RAW_H

#include "winnow/error.h"
#include "winnow/slice.h"

/** What `winnow cat` shows of charging records in BER. */
struct cmd_cat_raw {
    bool values; ///< Values as they are; else their shapes.
    bool octets; ///< Strings of octets in hexadecimal, whatever they stand for.
};

/** Called with each line, and its newline. @return WN_OK, or what ends it. */
typedef enum wn_code cmd_cat_line(void *context, struct wn_slice line, struct wn_error *err);

/**
 * Print a file of BER, a JSON line a record.
 *
 * A record that can't be read is a line `{"reason":…,"offset":…}`.
 *
 * @return WN_OK, or WN_FATAL: "file-read" (also where nothing in it is a record).
 */
WN_NODISCARD
enum wn_code cmd_cat_raw(const struct cmd_cat_raw *how, const char *path, cmd_cat_line *line,
                         void *context, struct wn_error *err);

#endif
