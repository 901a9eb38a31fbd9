// SPDX-License-Identifier: Apache-2.0

#include "winnow/record.h"

#include <assert.h>

uint8_t wn_shape_find(const struct wn_shape *shape, struct wn_slice name)
{
    assert(shape->n_fields <= WN_SLOTS);
    for (unsigned i = 0; i < shape->n_fields; i++) {
        if (wn_slice_is(name, shape->fields[i].name)) {
            return (uint8_t)i;
        }
    }
    return WN_NO_SLOT;
}

int wn_symbol_find(const char *const *symbols, unsigned n_symbols, struct wn_slice word)
{
    for (unsigned i = 0; i < n_symbols; i++) {
        if (wn_slice_is(word, symbols[i])) {
            return (int)i;
        }
    }
    return -1;
}

static uint8_t find_made(const struct wn_shape *shape, enum wn_made made)
{
    for (unsigned i = 0; i < shape->n_fields; i++) {
        if (shape->fields[i].made == made) {
            return (uint8_t)i;
        }
    }
    return WN_NO_SLOT;
}

void wn_shape_bind(struct wn_shape *shape)
{
    const struct {
        const char *name;
        uint8_t *slot;
    } bound[] = {
        { "start", &shape->bound.start },
        { "end", &shape->bound.end },
        { "duration", &shape->bound.duration },
        { "direction", &shape->bound.direction },
        { "service", &shape->bound.service },
        { "final", &shape->bound.final },
        { "incomplete", &shape->bound.incomplete },
        { "sequence", &shape->bound.sequence },
        { "cause", &shape->bound.cause },
        { "utc_offset", &shape->bound.utc_offset },
        { "called", &shape->bound.called },
        { "calling", &shape->bound.calling },
        { "forwarding", &shape->bound.forwarding },
        { "subscriber", &shape->bound.subscriber },
        { "visited_network", &shape->bound.visited_network },
        { "destination_network", &shape->bound.destination_network },
        { "usage", &shape->group },
    };
    for (size_t i = 0; i < WN_COUNT(bound); i++) {
        *bound[i].slot = wn_shape_find(shape, wn_slice_of(bound[i].name));
    }

    shape->numbers = shape->octets = shape->required = 0;
    for (unsigned slot = 0; slot < shape->n_fields; slot++) {
        const struct wn_field *field = &shape->fields[slot];
        const uint64_t bit = UINT64_C(1) << slot;
        shape->numbers |= field->kind == WN_KIND_NUMBER ? bit : 0;
        shape->octets |= field->kind == WN_KIND_OCTETS ? bit : 0;
        bool made =
            field->made != WN_MADE_NOT || slot == shape->group || slot == shape->bound.subscriber;
        shape->required |= made || field->nullable ? 0 : bit;
    }

    shape->bound.other = find_made(shape, WN_MADE_OTHER);
    if (shape->bound.other == WN_NO_SLOT) {
        shape->bound.other = wn_shape_find(shape, wn_slice_of("other"));
    }
}
