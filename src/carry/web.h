// SPDX-License-Identifier: Apache-2.0

/** One HTTP request at a time, and its answer. */

#ifndef WINNOW_CARRY_WEB_H
#define WINNOW_CARRY_WEB_H

#include "winnow/error.h"
#include "winnow/slice.h"

enum {
    WN_WEB_MOST = 1 << 20, ///< Octets of an answer, at most.
};

/** A request. All texts are borrowed. */
struct wn_web {
    const char *url;
    const char *type;        ///< Of the body: Content-Type, and what is accepted.
    struct wn_slice body;    ///< Empty: GET, else POST.
    const char *user;        ///< NULL: nobody.
    const char *password;    ///< NULL: none.
    const char *authorities; ///< File of authorities in PEM; NULL: the system's.
    int64_t timeout_ms;      ///< For all of it.
};

/**
 * Make the request. No redirect is followed, no proxy asked, and no file is read by a URL.
 *
 * @param ret_answer  The body, appended.
 * @return WN_OK and the status in `ret_status`, whatever it is; WN_FATAL: "registry": no answer.
 */
WN_NODISCARD
enum wn_code wn_web_ask(const struct wn_web *web, long *ret_status, struct wn_buffer *ret_answer,
                        struct wn_error *err);

#endif
