// SPDX-License-Identifier: Apache-2.0

#include "winnow/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum wn_code wn_fail(struct wn_error *err, enum wn_code code, const char *reason,
                     const char *format, ...)
{
    err->code = code;
    err->reason = reason;

    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return code;
}

enum wn_code wn_context(struct wn_error *err, const char *format, ...)
{
    char inner[sizeof(err->text)];
    memcpy(inner, err->text, sizeof(inner));

    va_list args;
    va_start(args, format);
    int place = vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);

    int room = (int)sizeof(err->text) - place - (int)sizeof(": ");
    if (place >= 0 && room > 0) {
        snprintf(err->text + place, sizeof(err->text) - (size_t)place, ": %.*s", room, inner);
    }
    return err->code;
}
