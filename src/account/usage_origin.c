// SPDX-License-Identifier: Apache-2.0

#include "avro_take.h"
#include "winnow/recount.h"

/** Skip the blocks of an array of enum: a count, negative with a length behind it, until 0. */
static bool skip_enums(struct wn_slice *rest)
{
    int64_t n = 0;
    while (wn_avro_take_long(rest, &n)) {
        int64_t unused = 0;
        if (n == 0) {
            return true;
        }
        if (n < 0 && (n == INT64_MIN || !wn_avro_take_long(rest, &unused))) {
            return false;
        }
        n = n < 0 ? -n : n;
        for (; n > 0; n--) {
            if (!wn_avro_take_long(rest, &unused)) {
                return false;
            }
        }
    }
    return false;
}

/** Skip a value by its type. */
static bool skip(const struct wn_output *output, struct wn_slice *rest)
{
    int64_t number = 0;
    struct wn_slice bytes;
    if (output->nullable && (!wn_avro_take_long(rest, &number) || number == 0)) {
        return rest->len > 0; // The branch of null has no value.
    }
    switch (output->avro) {
    case WN_AVRO_BOOLEAN:
        return wn_avro_take_fixed(rest, 1, &bytes);
    case WN_AVRO_INT:
    case WN_AVRO_LONG:
    case WN_AVRO_ENUM:
        return wn_avro_take_long(rest, &number);
    case WN_AVRO_STRING:
    case WN_AVRO_BYTES:
        return wn_avro_take_bytes(rest, &bytes);
    case WN_AVRO_FIXED:
        return wn_avro_take_fixed(rest, output->fixed_bytes, &bytes);
    case WN_AVRO_ENUMS:
        return skip_enums(rest);
    case WN_AVRO_ORIGIN:
    case WN_AVRO_ITEMS:
        break;
    }
    return false;
}

bool wn_usage_origin(const struct wn_purpose *purpose, struct wn_slice avro,
                     struct wn_origin *ret_origin)
{
    unsigned i = 0;
    while (i < purpose->n_outputs && purpose->outputs[i].avro != WN_AVRO_ORIGIN) {
        if (!skip(&purpose->outputs[i++], &avro)) {
            return false;
        }
    }
    int64_t branch = 1;
    if (i == purpose->n_outputs ||
        (purpose->outputs[i].nullable && (!wn_avro_take_long(&avro, &branch) || branch != 1))) {
        return false;
    }
    return wn_avro_take_string(&avro, &ret_origin->input) &&
           wn_avro_take_int(&avro, &ret_origin->partition) &&
           wn_avro_take_long(&avro, &ret_origin->offset) &&
           wn_avro_take_int(&avro, &ret_origin->index);
}
