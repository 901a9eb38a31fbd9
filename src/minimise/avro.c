// SPDX-License-Identifier: Apache-2.0

#include "winnow/avro.h"

#include "write.h"

void wn_avro_long(struct wn_buffer *out, int64_t number)
{
    uint8_t *at = wn_buffer_room(out, WN_LONG_ROOM);
    out->len += (size_t)(wn_put_long(at, number) - at);
}

void wn_avro_boolean(struct wn_buffer *out, bool value)
{
    *wn_buffer_room(out, 1) = value ? 1 : 0;
    out->len++;
}

void wn_avro_bytes(struct wn_buffer *out, const void *bytes, size_t len)
{
    uint8_t *at = wn_buffer_room(out, WN_LONG_ROOM + len);
    out->len += (size_t)(wn_put_bytes(wn_put_long(at, (int64_t)len), bytes, len) - at);
}

void wn_avro_fixed(struct wn_buffer *out, const void *bytes, size_t len)
{
    wn_put_bytes(wn_buffer_room(out, len), bytes, len);
    out->len += len;
}
