// SPDX-License-Identifier: Apache-2.0

/*
 * Transforms as a policy writes them: which kinds each is for, its arguments, the type it gives,
 * and what it leaves of a value in words. To add one: an enumerator of enum wn_transform, a row
 * here, a case in derived_type() and words(), and its function in minimise/transform.c.
 */

#include "load.h"

#include <stdio.h>

#include "winnow/number.h"

enum {
    HOUR_MS = 60 * 60 * 1000,
    DAY_MS = 24 * HOUR_MS,
    MOST_DIGITS = 8,
    MOST_V4 = 24,
    MOST_V6 = 48,
};

#define OF(kind) (UINT32_C(1) << WN_KIND_##kind)

static const struct rule {
    const char *name;
    uint32_t kinds;  ///< For which; of `keep`: wn_kind_may_keep() decides.
    unsigned n_args; ///< How many; WN_BOUNDS: one to as many.
    const char *arguments;
} rules[WN_TRANSFORMS] = {
    [WN_TRANSFORM_KEEP] = { "keep", UINT32_MAX, 0, NULL },
    [WN_TRANSFORM_PSEUDONYM] = { "pseudonym",
                                 OF(NUMBER) | OF(IMSI) | OF(IMEI) | OF(NAI) | OF(EMAIL) | OF(MAC) |
                                     OF(ACCOUNT) | OF(SUBSCRIBER) | OF(ID),
                                 0, NULL },
    [WN_TRANSFORM_FLOOR] = { "floor", OF(TIME), 1, "floor(1h) or floor(1d)" },
    [WN_TRANSFORM_BUCKET] = { "bucket",
                              OF(DURATION) | OF(OCTETS) | OF(COUNT) | OF(OFFSET) | OF(SCORE) |
                                  OF(AMOUNT),
                              WN_BOUNDS, "bucket(a,b,…) with 1 to 16 rising bounds over 0" },
    [WN_TRANSFORM_CLASS] = { "class", OF(NUMBER), 0, NULL },
    [WN_TRANSFORM_SHIELDED] = { "shielded", OF(NUMBER), 0, NULL },
    [WN_TRANSFORM_WITHHELD] = { "withheld", OF(NUMBER), 0, NULL },
    [WN_TRANSFORM_DESTINATION] = { "destination", OF(NUMBER), 0, NULL },
    [WN_TRANSFORM_COUNTRY] = { "country", OF(NUMBER) | OF(PLMN), 0, NULL },
    [WN_TRANSFORM_DIGITS] = { "digits", OF(NUMBER), 1, "digits(n) with n from 1 to 8" },
    [WN_TRANSFORM_NETWORK] = { "network", OF(IMSI), 0, NULL },
    [WN_TRANSFORM_MODEL] = { "model", OF(IMEI), 0, NULL },
    [WN_TRANSFORM_PREFIX] = { "prefix", OF(IP), 2,
                              "prefix(v4,v6) with at most 24 bits of IPv4 and 48 of IPv6" },
};

/** @return whether a kind has a transform, by the table of kinds and transforms. */
static bool has(enum wn_kind kind, enum wn_transform transform)
{
    return transform == WN_TRANSFORM_KEEP ? wn_kind_may_keep(kind)
                                          : (rules[transform].kinds >> kind & 1) != 0;
}

static bool refuse_transform(struct wn_loading *load, const char *purpose, enum wn_kind kind,
                             enum wn_transform transform)
{
    struct wn_buffer names = { 0 };
    for (unsigned i = 0; i < WN_TRANSFORMS; i++) {
        if (has(kind, (enum wn_transform)i)) {
            wn_buffer_format(&names, "%s%s", names.len > 0 ? ", " : "", rules[i].name);
        }
    }
    if (transform == WN_TRANSFORM_KEEP) {
        wn_load_fault(load, "%s: kind '%s' can't be kept; it has %.*s", purpose, wn_kind_name(kind),
                      (int)names.len, (const char *)names.at);
    } else {
        wn_load_fault(load, "%s: transform '%s' does not fit kind '%s'; it has %.*s", purpose,
                      rules[transform].name, wn_kind_name(kind), (int)names.len,
                      (const char *)names.at);
    }
    wn_buffer_deinit(&names);
    return false;
}

/** Read one argument: digits, or 1h, 1d of a floor. */
static bool read_argument(enum wn_transform transform, struct wn_slice text, int64_t *ret_number)
{
    if (transform == WN_TRANSFORM_FLOOR) {
        *ret_number = wn_slice_is(text, "1h") ? HOUR_MS : DAY_MS;
        return wn_slice_is(text, "1h") || wn_slice_is(text, "1d");
    }
    uint64_t number = 0;
    if (!wn_slice_number(text, &number) || number > INT64_MAX) {
        return false;
    }
    *ret_number = (int64_t)number;
    return true;
}

static bool read_arguments(struct wn_slice text, struct wn_output *output)
{
    for (;;) {
        const char *comma = memchr(text.at, ',', text.len);
        struct wn_slice one = { text.at, comma ? (size_t)(comma - text.at) : text.len };
        if (output->n_args == WN_BOUNDS ||
            !read_argument(output->transform, wn_slice_strip(one), &output->args[output->n_args])) {
            return false;
        }
        output->n_args++;
        if (!comma) {
            return true;
        }
        text = wn_slice_after(text, one.len + 1);
    }
}

/** @return whether the arguments are in bounds. */
static bool arguments_fit(const struct wn_output *output, const struct wn_avro_type *type)
{
    const int64_t *args = output->args;

    if (output->transform == WN_TRANSFORM_DIGITS) {
        return args[0] >= 1 && args[0] <= MOST_DIGITS;
    }
    if (output->transform == WN_TRANSFORM_PREFIX) {
        return args[0] >= 1 && args[0] <= MOST_V4 && args[1] >= 1 && args[1] <= MOST_V6;
    }
    if (output->transform == WN_TRANSFORM_BUCKET) {
        int64_t least = 0;
        for (unsigned i = 0; i < output->n_args; i++) {
            if (args[i] <= least || (type->avro == WN_AVRO_INT && args[i] > INT32_MAX)) {
                return false;
            }
            least = args[i];
        }
    }
    return true;
}

void wn_load_keep(const struct wn_avro_type *type, struct wn_output *ret_output)
{
    ret_output->avro = type->avro;
    ret_output->nullable = type->nullable;
    ret_output->timestamp = type->timestamp;
    ret_output->fixed_bytes = type->fixed_bytes;
    ret_output->type_name = type->name;
    ret_output->symbols = type->symbols;
    ret_output->n_symbols = type->n_symbols;
}

static void number_class(struct wn_loading *load, struct wn_output *ret_output)
{
    const char **symbols =
        wn_arena_zeroed(&load->policy->arena, WN_NUMBER_CLASSES, sizeof(*symbols));
    for (unsigned i = 0; i < WN_NUMBER_CLASSES; i++) {
        symbols[i] = wn_number_class_name((enum wn_number_class)i);
    }
    ret_output->avro = WN_AVRO_ENUM;
    ret_output->type_name = "NumberClass";
    ret_output->symbols = symbols;
    ret_output->n_symbols = WN_NUMBER_CLASSES;
}

/** What type a transform gives, of a field with this type. */
static void derived_type(struct wn_loading *load, const struct wn_avro_type *type,
                         struct wn_output *ret_output)
{
    switch (ret_output->transform) {
    case WN_TRANSFORM_KEEP:
    case WN_TRANSFORM_FLOOR:
    case WN_TRANSFORM_BUCKET:
        wn_load_keep(type, ret_output);
        break;
    case WN_TRANSFORM_PSEUDONYM:
    case WN_TRANSFORM_PREFIX:
        ret_output->avro = WN_AVRO_FIXED;
        ret_output->fixed_bytes = 16;
        ret_output->type_name =
            ret_output->transform == WN_TRANSFORM_PREFIX ? "winnow.Prefix" : "winnow.Pseudonym";
        ret_output->nullable = type->nullable;
        break;
    case WN_TRANSFORM_CLASS: // An absent number is of class withheld.
        number_class(load, ret_output);
        break;
    case WN_TRANSFORM_SHIELDED:
    case WN_TRANSFORM_WITHHELD:
        ret_output->avro = WN_AVRO_BOOLEAN;
        break;
    case WN_TRANSFORM_DESTINATION: // As for the class.
        ret_output->avro = WN_AVRO_STRING;
        break;
    case WN_TRANSFORM_COUNTRY:
    case WN_TRANSFORM_DIGITS:
    case WN_TRANSFORM_NETWORK:
    case WN_TRANSFORM_MODEL:
        ret_output->avro = WN_AVRO_STRING;
        ret_output->nullable = type->nullable;
        break;
    case WN_TRANSFORMS:
        break;
    }
}

bool wn_load_transform(struct wn_loading *load, const char *purpose, const char *text,
                       const struct wn_avro_type *type, struct wn_output *ret_output)
{
    const char *open = strchr(text, '(');
    struct wn_slice name = { text, open ? (size_t)(open - text) : strlen(text) };
    enum wn_transform found = WN_TRANSFORM_KEEP;
    while (found < WN_TRANSFORMS && !wn_slice_is(name, rules[found].name)) {
        found++;
    }
    if (found == WN_TRANSFORMS) {
        wn_load_fault(load, "%s: unknown transform '%.64s'", purpose, text);
        return false;
    }
    ret_output->transform = found;
    if (!has(ret_output->kind, found)) {
        return refuse_transform(load, purpose, ret_output->kind, found);
    }

    const struct rule *rule = &rules[found];
    struct wn_slice rest = wn_slice_after(wn_slice_of(text), name.len);
    if (rule->n_args == 0) {
        if (rest.len > 0) {
            wn_load_fault(load, "%s: transform '%s' takes no arguments", purpose, rule->name);
            return false;
        }
    } else {
        bool fine = rest.len > 2 && rest.at[rest.len - 1] == ')';
        struct wn_slice inside = { rest.at + 1, rest.len > 2 ? rest.len - 2 : 0 };
        fine = fine && read_arguments(inside, ret_output);
        fine = fine && (rule->n_args == WN_BOUNDS || rule->n_args == ret_output->n_args);
        if (!fine || !arguments_fit(ret_output, type)) {
            wn_load_fault(load, "%s: transform '%s' is written %s", purpose, rule->name,
                          rule->arguments);
            return false;
        }
    }
    derived_type(load, type, ret_output);
    return true;
}

void wn_transform_name(const struct wn_output *output, struct wn_buffer *ret_text)
{
    wn_buffer_text(ret_text, rules[output->transform].name);
    for (unsigned i = 0; i < output->n_args; i++) {
        wn_buffer_text(ret_text, i == 0 ? "(" : ",");
        if (output->transform == WN_TRANSFORM_FLOOR) {
            wn_buffer_text(ret_text, output->args[i] == HOUR_MS ? "1h" : "1d");
        } else {
            wn_buffer_format(ret_text, "%lld", (long long)output->args[i]);
        }
    }
    wn_buffer_text(ret_text, output->n_args > 0 ? ")" : "");
}

/** One bound in its unit: 180000 of a duration is "3 min". */
static void bound_words(enum wn_kind kind, int64_t bound, struct wn_buffer *ret_text)
{
    static const struct unit {
        enum wn_kind kind;
        int64_t size;
        const char *name;
    } units[] = {
        { WN_KIND_DURATION, DAY_MS, "d" },    { WN_KIND_DURATION, HOUR_MS, "h" },
        { WN_KIND_DURATION, 60000, "min" },   { WN_KIND_DURATION, 1000, "s" },
        { WN_KIND_DURATION, 1, "ms" },        { WN_KIND_OCTETS, 1000000000000, "TB" },
        { WN_KIND_OCTETS, 1000000000, "GB" }, { WN_KIND_OCTETS, 1000000, "MB" },
        { WN_KIND_OCTETS, 1000, "kB" },       { WN_KIND_OCTETS, 1, "octets" },
    };

    for (unsigned i = 0; i < WN_COUNT(units); i++) {
        if (units[i].kind == kind && bound % units[i].size == 0) {
            wn_buffer_format(ret_text, "%lld %s", (long long)(bound / units[i].size),
                             units[i].name);
            return;
        }
    }
    wn_buffer_format(ret_text, "%lld", (long long)bound);
}

static void bucket_words(const struct wn_output *output, struct wn_buffer *ret_text)
{
    wn_buffer_text(ret_text, "range only (its lower bound: 0");
    for (unsigned i = 0; i < output->n_args; i++) {
        wn_buffer_text(ret_text, ", ");
        bound_words(output->kind, output->args[i], ret_text);
    }
    wn_buffer_text(ret_text, ")");
}

static const char *keep_words(const struct wn_output *output)
{
    if (output->made != WN_MADE_NOT && output->made != WN_MADE_OTHER) {
        return "as it is";
    }
    switch (output->kind) {
    case WN_KIND_TIME:
    case WN_KIND_DURATION:
        return "exact to the millisecond";
    case WN_KIND_OCTETS:
    case WN_KIND_COUNT:
    case WN_KIND_OFFSET:
    case WN_KIND_SCORE:
    case WN_KIND_AMOUNT:
        return "exact";
    case WN_KIND_NUMBER:
        return "whole number, where it may show";
    case WN_KIND_NONE:
    case WN_KIND_FLAG:
    case WN_KIND_ENUM:
    case WN_KIND_CAUSE:
    case WN_KIND_IMSI:
    case WN_KIND_IMEI:
    case WN_KIND_NAI:
    case WN_KIND_EMAIL:
    case WN_KIND_MAC:
    case WN_KIND_IP:
    case WN_KIND_ACCOUNT:
    case WN_KIND_SUBSCRIBER:
    case WN_KIND_ID:
    case WN_KIND_TOKEN:
    case WN_KIND_PLMN:
    case WN_KIND_APN:
    case WN_KIND_CURRENCY:
    case WN_KINDS:
        break;
    }
    return "as it is";
}

void wn_transform_words(const struct wn_output *output, struct wn_buffer *ret_text)
{
    static const char *const words[WN_TRANSFORMS] = {
        [WN_TRANSFORM_PSEUDONYM] = "keyed pseudonym only",
        [WN_TRANSFORM_CLASS] = "class only (mobile, freephone, short, ...)",
        [WN_TRANSFORM_SHIELDED] = "whether its holder has it masked on bills",
        [WN_TRANSFORM_WITHHELD] = "whether the caller withheld it",
        [WN_TRANSFORM_DESTINATION] = "country and class only",
        [WN_TRANSFORM_COUNTRY] = "country only",
        [WN_TRANSFORM_NETWORK] = "home network only",
        [WN_TRANSFORM_MODEL] = "model of the device only",
    };
    const long long first = (long long)output->args[0];
    const long long second = (long long)output->args[1];

    if (output->transform == WN_TRANSFORM_KEEP) {
        wn_buffer_text(ret_text, keep_words(output));
    } else if (output->transform == WN_TRANSFORM_FLOOR) {
        wn_buffer_text(ret_text, first == HOUR_MS ? "hour only" : "day only");
    } else if (output->transform == WN_TRANSFORM_BUCKET) {
        bucket_words(output, ret_text);
    } else if (output->transform == WN_TRANSFORM_DIGITS) {
        wn_buffer_format(ret_text, "first %lld digits only", first);
    } else if (output->transform == WN_TRANSFORM_PREFIX) {
        wn_buffer_format(ret_text, "network part only (%lld bits of IPv4, %lld of IPv6)", first,
                         second);
    } else {
        wn_buffer_text(ret_text, words[output->transform]);
    }
}
