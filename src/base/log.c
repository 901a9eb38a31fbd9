// SPDX-License-Identifier: Apache-2.0

#include "winnow/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *const names[] = { "debug", "info", "warning", "error" };

void wn_log(enum wn_log_level level, const char *event, const char *format, ...)
{
    if (level == WN_LOG_DEBUG) {
        return; // Nothing shows it: it is for who reads the code.
    }
    char line[1024];
    int len = snprintf(line, sizeof(line), "level=%s event=%s ", names[level], event);

    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + len, sizeof(line) - (size_t)len - 1, format, args);
    va_end(args);

    len += more < 0 ? 0 : more;
    if (len > (int)sizeof(line) - 2) {
        len = (int)sizeof(line) - 2;
    }
    while (len > 0 && line[len - 1] == ' ') {
        len--;
    }
    line[len] = '\n';
    if (write(STDERR_FILENO, line, (size_t)len + 1) < 0) {
        return; // There is nowhere to say it.
    }
}
