// SPDX-License-Identifier: Apache-2.0

/**
 * The shape that all formats are decoded into: values by slot with a presence bitmap, and one
 * repeated group with slots and a presence bitmap of its own.
 *
 * A *shape* is what a policy type says of its fields, without purposes: the policy loader makes
 * it, a source is compiled against it. A slot is the index of a field in the shape. The engine
 * knows kinds; the few fields that judge needs are bound by name once, at load.
 */

#ifndef WINNOW_RECORD_H
#define WINNOW_RECORD_H

#include "winnow/kind.h"

enum {
    WN_SLOTS = 64,      ///< Fields of a record type, at most; one bitmap word.
    WN_ITEM_SLOTS = 32, ///< Fields of an item, at most.
    WN_ITEMS = 1024,    ///< Items of a record, at most: "too-many-items".
    WN_FLAGS = 32,      ///< Symbols of the type's `flags`, at most.
    WN_NO_SLOT = 0xff,  ///< The shape has no such field.
};

/** What winnow itself fills: `"made": "…"` of the policy. */
enum wn_made {
    WN_MADE_NOT, ///< A source fills it.
    WN_MADE_RECORD_ID,
    WN_MADE_ORIGIN,
    WN_MADE_SOURCE,
    WN_MADE_NODE,
    WN_MADE_KEY_ID,
    WN_MADE_SUBSCRIBER_KIND,
    WN_MADE_SESSION,
    WN_MADE_FLAGS,
    WN_MADE_OTHER, ///< The other party's number: calling of a terminating call, else called.
};

/** One named slot. */
struct wn_field {
    const char *name;
    enum wn_kind kind;
    enum wn_made made;
    bool nullable;              ///< Its value may be missing.
    bool judge;                 ///< Only judge reads it; it has no purpose.
    const char *const *symbols; ///< enum and cause: the closed list; else NULL.
    unsigned n_symbols;
};

/** The fields of a record type. */
struct wn_shape {
    const char *type; ///< "call", "session".
    struct wn_field fields[WN_SLOTS];
    unsigned n_fields;
    uint8_t group; ///< Slot of the repeated group `usage`, or WN_NO_SLOT.
    struct wn_field items[WN_ITEM_SLOTS];
    unsigned n_items;
    uint64_t numbers;         ///< Slots of kind number: filled by wn_shape_bind(), as the next two.
    uint64_t octets;          ///< Slots of kind octets.
    uint64_t required;        ///< Slots that a source must fill: not nullable, not made by winnow.
    const char *const *flags; ///< Symbols of the made field `flags`; NULL where there is none.
    unsigned n_flags;

    /** Slots that judge and the engine bind by name; WN_NO_SLOT where the type lacks them. */
    struct {
        uint8_t start, end, duration, direction, service, final, incomplete, sequence, cause;
        uint8_t utc_offset, called, calling, forwarding, subscriber, other;
        uint8_t visited_network, destination_network;
    } bound;
};

/** @return the slot with this name, or WN_NO_SLOT. */
uint8_t wn_shape_find(const struct wn_shape *shape, struct wn_slice name);

/** @return index of a word in a closed list, or -1. */
int wn_symbol_find(const char *const *symbols, unsigned n_symbols, struct wn_slice word);

/** Fill `bound` and `group` from the names; called by the policy loader (and by tests). */
void wn_shape_bind(struct wn_shape *shape);

/** One item of the repeated group. */
struct wn_item {
    uint32_t present; ///< Bit of each item slot.
    struct wn_value values[WN_ITEM_SLOTS];
};

/** Where a raw record lies (`origin`). */
struct wn_origin {
    struct wn_slice input; ///< Topic, or SHA-256 of the content in hex.
    int32_t partition;     ///< 0 for files.
    int64_t offset;        ///< Of the message, or octets from the content's beginning.
    int32_t index;         ///< Place in a message of many records; 0 for files.
};

/**
 * A decoded record. Values of absent slots are unspecified: look at `present` first.
 * Texts live as long as the raw bytes and the arena of the decoder.
 */
struct wn_record {
    const struct wn_shape *shape;
    uint64_t present; ///< Bit of each slot.
    struct wn_value values[WN_SLOTS];
    struct wn_item *items; ///< In the arena.
    unsigned n_items;
    struct wn_slice node;         ///< UTF-8; `len` 0: the source gave none.
    enum wn_kind subscriber_kind; ///< WN_KIND_NONE: no subscriber.
    struct wn_slice subscriber;   ///< Canonical bytes; for a number its digits.
    uint32_t flags;               ///< Bit of each symbol of the shape's `flags`.

    struct wn_slice source; ///< Name of the source.
    uint8_t record_id[16];  ///< Filled by judge (duplicate).
    uint8_t session[16];    ///< Filled by judge; only with `has_session`.
    bool has_session;
    struct wn_origin origin; ///< Filled by the pipeline.
};

/** @return whether the slot has a value; false for WN_NO_SLOT. */
static inline bool wn_record_has(const struct wn_record *record, uint8_t slot)
{
    return slot < WN_SLOTS && (record->present >> slot & 1) != 0;
}

#endif
