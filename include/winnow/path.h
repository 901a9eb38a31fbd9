// SPDX-License-Identifier: Apache-2.0

/**
 * Paths: which names of a raw record a source wants, as one trie for all formats.
 *
 * The source's loader adds every path that it meets and gets the number of a *take*; a format walks
 * the raw record along the trie and fills `struct wn_taken` by that number. So the formats know no
 * field, and only what is on a mapped path is descended into.
 *
 *     /variables/uuid      a name in a name; names may hold dots
 *     /callflow/-1/x       the last element of a list; /0/ the first
 *     /profiles/STAR/context each element: the take has several values
 *     ./volume             from the item (wn_paths_add_item)
 *     ../ratingGroup       from the element that holds the item's list: `/units/STAR/used/STAR`
 *
 * detail and csv have one level: `/User-Name`. In detail a star below its name allows an attribute
 * to repeat.
 */

#ifndef WINNOW_PATH_H
#define WINNOW_PATH_H

#include "winnow/arena.h"
#include "winnow/error.h"
#include "winnow/slice.h"

WN_C_BEGIN

struct wn_paths;

enum {
    WN_TAKES = 250,    ///< Paths of a source, at most.
    WN_LISTS = 8,      ///< Lists of items of a source, at most.
    WN_NO_TAKE = 0xff, ///< No path.
};

/** @return an empty set of paths. */
struct wn_paths *wn_paths_open(void);

/** Give it back; NULL is fine. @return NULL */
struct wn_paths *wn_paths_close(struct wn_paths *paths);

/**
 * Add a path from the record's top; the same path again gives the same number.
 *
 * @return WN_OK, or WN_FATAL: "config" (no slash in front, an empty name, over 250 paths, deeper
 *         than 16); the text has no place, the caller adds it.
 */
WN_NODISCARD
enum wn_code wn_paths_add(struct wn_paths *paths, struct wn_slice path, uint8_t *ret_take,
                          struct wn_error *err);

/**
 * Add a list whose elements are items (`each:`); ends with a star. The same list again gives the
 * same number.
 *
 * @param ret_list  Its number: where its items are in `wn_taken_set.lists`.
 * @return WN_OK, or WN_FATAL: "config" (as wn_paths_add(); no star at the end, over WN_LISTS).
 */
WN_NODISCARD
enum wn_code wn_paths_add_each(struct wn_paths *paths, struct wn_slice path, uint8_t *ret_list,
                               struct wn_error *err);

/**
 * Add a path from the item (`./x`), or from the element of the list around the item's list
 * (`../x`: its value stands in the row of every item of that element); numbered apart from those
 * of the top.
 *
 * @return WN_OK, or WN_FATAL: "config" (as wn_paths_add(); neither is in front).
 */
WN_NODISCARD
enum wn_code wn_paths_add_item(struct wn_paths *paths, struct wn_slice path, uint8_t *ret_take,
                               struct wn_error *err);

/** What a writer did to a value besides what its format asks for; undone once. */
enum wn_escaping {
    WN_ESCAPING_NONE = 0,
    WN_ESCAPING_PERCENT, ///< RFC 3986 §2.1.
    WN_ESCAPING_JSON,    ///< The escapes of a JSON string, in JSON once more (FreeRADIUS rlm_json).
    WN_ESCAPING_LATIN_1, ///< Each octet as the character of its number (FreeRADIUS rlm_rest).
};

/**
 * Say how the values under this path (which may end with a star) are encoded.
 *
 * @return WN_OK, or WN_FATAL: "config" (as wn_paths_add()).
 */
WN_NODISCARD
enum wn_code wn_paths_encode(struct wn_paths *paths, struct wn_slice path,
                             enum wn_escaping escaping, struct wn_error *err);

/**
 * What a writer of JSON puts around values and records; all-zero: nothing.
 *
 *     wrapped  {"User-Name": {"type": "string", "value": "x"}}    /User-Name is x
 *     single   {"User-Name": ["x"]}                               /User-Name is x
 *     named    [{"name": "User-Name", "value": "x"}]              /User-Name is x
 *
 * A value that stands there plainly is taken as it is. A list of several, or an object without the
 * member, is an object or a list where one value is wanted. A path that goes on by the name of the
 * member, or to an element of the list, means what it says.
 */
struct wn_wrapping {
    struct wn_slice wrapped; ///< Member that stands for its object; empty: none.
    struct wn_slice named; ///< A record may be a list of objects, each named by this member; empty:
                           ///< it may not.
    bool single;           ///< A list of one stands for its element; an empty one is absent.
};

/** Say what is put around values; before wn_paths_compile(). The names are copied. */
void wn_paths_wrap(struct wn_paths *paths, const struct wn_wrapping *wrapping);

/** Build the look-up tables; after this nothing is added. */
void wn_paths_compile(struct wn_paths *paths);

/** @return how many takes there are at the top, or of an item; how many lists of items. */
unsigned wn_paths_count(const struct wn_paths *paths);
unsigned wn_paths_count_item(const struct wn_paths *paths);
unsigned wn_paths_count_lists(const struct wn_paths *paths);

enum wn_taken_state {
    WN_TAKEN_ABSENT = 0, ///< Not there, or null, or empty text.
    WN_TAKEN_TEXT,       ///< `text` is its value, decoded once.
    WN_TAKEN_COMPOSITE,  ///< An object or list where a scalar is wanted: unreadable.
};

/** The value found for a take. */
struct wn_taken {
    enum wn_taken_state state;
    uint8_t form;                ///< enum wn_form (form.h): what `text` is; 0: text.
    struct wn_slice text;        ///< In the raw record or the arena.
    const struct wn_taken *next; ///< Further values of a path with a star, in order.
};

/** The items of one list. */
struct wn_taken_list {
    struct wn_taken *rows; ///< `n` × `wn_paths_count_item()`, one row an item.
    unsigned n;
    unsigned capacity; ///< The format's: rows that there is room for.
};

/** What a format itself says that a record is, where it knows types of records (BER). */
struct wn_record_kind {
    const char *name; ///< By the standard: `pGWRecord`.
    const char *fate; ///< Reason id of what becomes of it where a source says nothing else: a
                      ///< filter ("covered", "trunk", "not-usage") or "unsupported-record-type";
                      ///< NULL: it is billed.
};

/**
 * What a format found in one record. It fills `top` and `lists`; which list's items count is only
 * known when it is known what the record is: wn_taken_pick().
 */
struct wn_taken_set {
    struct wn_taken *top;              ///< `wn_paths_count()` of them.
    const struct wn_taken_list *lists; ///< `wn_paths_count_lists()` of them; NULL: no items.
    const struct wn_taken *items;      ///< Rows of the list that was picked.
    unsigned n_items;
    const struct wn_record_kind *kind; ///< NULL: the format knows no types.
};

/** Pick the first of these lists that has an item. */
void wn_taken_pick(struct wn_taken_set *taken, const uint8_t *lists, unsigned n);

/**
 * Names of raw fields that no source entry names, counted by name.
 *
 * A name may itself be a value: it is kept only where it matches `[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}`
 * with a letter, without four digits in a row or more than six at all (a number in groups), and is
 * not of the form of a MAC or IP address; else it counts as `(hidden)`. 1,000 names at most,
 * further ones count as `(more)`.
 */
struct wn_drift;

/** @return whether a name can be shown by that rule: it is no text, no number, no address. */
bool wn_drift_may_show(struct wn_slice name);

/** @return no names yet; the caller's to close. */
struct wn_drift *wn_drift_open(void);

/** Give it back; NULL is fine. @return NULL */
struct wn_drift *wn_drift_close(struct wn_drift *drift);

/** Count a name. */
void wn_drift_count(struct wn_drift *drift, struct wn_slice name);

/** Add the counts of one to another. */
void wn_drift_add(struct wn_drift *into, const struct wn_drift *from);

/** Forget all counts. */
void wn_drift_clear(struct wn_drift *drift);

/** Add a name with its count as wn_drift_each() showed them: a receipt that is read back. */
void wn_drift_restore(struct wn_drift *drift, struct wn_slice name, uint64_t count);

/** Called with each name and its count. */
typedef void wn_drift_visit(void *context, const char *name, uint64_t count);

/** Visit the names in byte order. */
void wn_drift_each(const struct wn_drift *drift, wn_drift_visit *visit, void *context);

WN_C_END

#endif
