// SPDX-License-Identifier: Apache-2.0

#include "winnow/secret.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "guard.h"

/** Where a credential lies. */
static enum wn_code find_credential(const char *name, char ret_path[PATH_MAX], struct wn_error *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder) {
        return wn_fail(err, WN_FATAL, "config",
                       "credential %.64s: $CREDENTIALS_DIRECTORY is not set; the unit wants "
                       "LoadCredential=%.64s:FILE, or name a file: {file: F}",
                       name, name);
    }
    if (snprintf(ret_path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) {
        return wn_fail(err, WN_FATAL, "config", "credential %.64s: its path is too long", name);
    }
    return WN_OK;
}

enum wn_code wn_secret_read(const struct wn_secret_place *place, char ret_text[WN_SECRET_BYTES],
                            struct wn_error *err)
{
    char found[PATH_MAX];
    const char *path = place->file;
    size_t len = 0;
    assert(path || place->credential);
    if (!path && find_credential(place->credential, found, err) != WN_OK) {
        return err->code;
    }
    path = path ? path : found;
    // The group may read it: a service's files are often root's and its group's.
    enum wn_code rc =
        wn_guard_read(path, WN_GUARD_CREDENTIAL, WN_SECRET_BYTES - 1, ret_text, &len, err);
    if (rc == WN_OK) {
        len -= len > 0 && ret_text[len - 1] == '\n';
        ret_text[len] = '\0';
        rc = len > 0 && memchr(ret_text, '\0', len) == NULL
                 ? WN_OK
                 : wn_fail(err, WN_FATAL, "config", "%s: a secret of one text is expected in it",
                           path);
    }
    if (rc != WN_OK) {
        explicit_bzero(ret_text, WN_SECRET_BYTES);
        err->reason = "config";
    }
    return rc;
}
