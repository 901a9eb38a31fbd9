// SPDX-License-Identifier: Apache-2.0

/**
 * A password in a file: it stands in no configuration, no argument and no message.
 *
 * It is read anew each time it is wanted, so that one that was changed counts from the next
 * connection on. A file that is somebody else's, a symbolic link, or that others than its owner and
 * group may read is refused.
 */

#ifndef WINNOW_SECRET_H
#define WINNOW_SECRET_H

#include "winnow/error.h"

enum {
    WN_SECRET_BYTES = 16384, ///< With the NUL behind it: a key in PEM fits.
};

/** Where a secret lies; both NULL: there is none. */
struct wn_secret_place {
    const char *file;       ///< Its path, or NULL.
    const char *credential; ///< Its name in $CREDENTIALS_DIRECTORY (systemd's), or NULL.
};

/**
 * Read a secret; one newline at its end is not part of it.
 *
 * @param ret_text  Ended by NUL; the caller's to wipe. Wiped on failure.
 * @return WN_OK, or WN_FATAL: "config", with the remedy.
 */
WN_NODISCARD
enum wn_code wn_secret_read(const struct wn_secret_place *place, char ret_text[WN_SECRET_BYTES],
                            struct wn_error *err);

#endif
