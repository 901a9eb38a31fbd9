// SPDX-License-Identifier: Apache-2.0

/**
 * The list of helplines: numbers that never appear as numbers, in whatever spelling they came.
 *
 * A CSV file (rows.h) with the columns
 *
 *     number   `+` and E.164 digits (+318000113), or a short code of 3 to 6 digits (113); an `x` at
 *              its end is any digit (116xxx)
 *     country  ISO 3166, or EU: where the number is one
 *     class    freephone, shared-cost or basic-rate: what its caller pays, never what it is for
 *     source   where this is publicly said; obligatory
 *
 * Numbers are looked up after they were read (wn_kind_read()), so that all spellings are one. But
 * what was read may be a misreading: a source that says `bare: international` makes +8000113 of a
 * helpline that was dialled without its 0, and +31116123 is no number of the plan and yet 116123.
 * So a number is found by its E.164 digits, and with more digits dialled behind it (no number is
 * another one followed by digits); by its national digits alone; by a country code too many; a
 * short code behind any country code. A short code does not end with what it is found by: 1131 is
 * not 113.
 *
 * What is found is shown as its class. The classes are coarse by construction: most numbers of each
 * are no helplines.
 */

#ifndef WINNOW_HELPLINES_H
#define WINNOW_HELPLINES_H

#include "winnow/config.h"
#include "winnow/io.h"
#include "winnow/kind.h"
#include "winnow/number.h"

enum {
    WN_HELPLINES = 10000,         ///< Rows of a list, at most.
    WN_HELPLINES_NAMES = 1 << 17, ///< Numbers and short codes that they stand for, at most.
};

/** A row of the list. */
struct wn_helpline {
    char number[16]; ///< Digits, without `+`; with `x` where the row has them.
    bool e164;       ///< Else a short code.
    char country[4];
    enum wn_number_class class; ///< What it is shown as, where its own class would tell.
    bool free;                  ///< Of class freephone: its caller pays nothing.
    unsigned line;
};

/** A list as it was read; read-only. */
struct wn_helplines {
    char *file;
    uint8_t version[32];   ///< SHA-256 of the file.
    struct wn_stamp stamp; ///< Of the file as it was read.
    struct wn_helpline *rows;
    unsigned n_rows;
    struct wn_helpline_index *index; ///< record/ only.
};

/**
 * Read a list whole.
 *
 * @param faults    Every fault, by line; none says what stands in a cell.
 * @param ret_list  On success the caller's to give to wn_helplines_close().
 * @return false where there is a fault: the file can't be read, a row is not as above, a number
 *         stands there twice, there is no row.
 */
WN_NODISCARD
bool wn_helplines_read(const char *file, struct wn_faults *faults, struct wn_helplines **ret_list);

/** Give it back; NULL is fine. @return NULL */
struct wn_helplines *wn_helplines_close(struct wn_helplines *list);

/** @return the row that a value of kind number, read at a site, is one of, or NULL. */
const struct wn_helpline *wn_helplines_find(const struct wn_helplines *list,
                                            const struct wn_value *value,
                                            const struct wn_site *site);

/**
 * Look for a helpline in a text that is no number but may hold one: an account, a user name.
 *
 * Found is what is written as a number: with `+`, with 00 or 0 in front, or as whole E.164 digits,
 * also in digits of full width or of the Arabic scripts; separators, other text and other numbers
 * around it do not hide it. A bare `113` or `116123` is an operator's own
 * id of a customer like any other, and is not found.
 *
 * @return its row, or NULL.
 */
const struct wn_helpline *wn_helplines_find_in(const struct wn_helplines *list,
                                               struct wn_slice text);

/**
 * The same for a label that is nobody's id: a trunk, an access point (a switch for telephony writes
 * the number dialled where others name the access point). A text of digits alone is taken for a
 * number as one that was dialled at the site: `113` is found, `trunk-113` is not.
 */
const struct wn_helpline *wn_helplines_find_label(const struct wn_helplines *list,
                                                  struct wn_slice text, const struct wn_site *site);

/**
 * Make of a number what may be seen of it: class and country, no digit of its own.
 *
 * The class is the number's own where many others share it, and the row's where it would tell (113,
 * 112, a misreading).
 *
 * @param row    What it was found by; NULL: any number whose digits must not be seen.
 * @param site   Whose country a short code is of.
 * @return a value of kind number marked SHIELDED: `text` is a country code (borrowed from the list,
 *         the value or the site), or empty. No transform can give away what is not in it.
 */
struct wn_value wn_helplines_mask(const struct wn_helpline *row, const struct wn_value *value,
                                  const struct wn_site *site);

#endif
