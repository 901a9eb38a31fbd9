// SPDX-License-Identifier: Apache-2.0

/*
 * Finding a helpline by digits.
 *
 * Three sorted tables of digits, each of which leads to a row: E.164 digits, national digits (the
 * same without country code), short codes. A number that a record holds is first asked for by its
 * first five digits, in a bitmap: most numbers are none, and cost no more than that. Short codes
 * are few digits long, and so are looked for only where few digits are left.
 */

#include "winnow/helplines.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "country.h"
#include "read.h"
#include "winnow/memory.h"
#include "winnow/rows.h"

enum {
    DIGITS = 15,
    E164_LEAST = 7,
    SHORT_LEAST = 3,
    SHORT_MOST = 6,
    ANY_MOST = 3,    ///< `x` at the end of a number.
    FIRST = 5,       ///< Digits that the bitmap looks at.
    BITS = 100000,   ///< 10 to the power of FIRST.
    BEGIN_LEAST = 4, ///< Digits: 0800.
};

/** Digits that lead to a row; filled up with NUL. */
struct name {
    char digits[DIGITS + 1];
    unsigned row;
};

struct table {
    struct name *at;
    size_t n, room;
};

struct wn_helpline_index {
    struct table e164, national, codes;
    uint8_t first[BITS / 8 + 1]; ///< First digits of `e164` and `national`.
    size_t n;                    ///< Names of all tables.
};

static int by_digits(const void *a, const void *b)
{
    const struct name *first = a, *second = b;
    return memcmp(first->digits, second->digits, sizeof(first->digits));
}

/** By digits, and of the same ones by their place in the list. */
static int by_digits_and_row(const void *a, const void *b)
{
    const struct name *first = a, *second = b;
    int order = by_digits(a, b);
    return order != 0 ? order : (first->row > second->row) - (first->row < second->row);
}

static void add(struct wn_helpline_index *index, struct table *table, struct wn_slice digits,
                unsigned row)
{
    if (table->n == table->room) {
        table->room = 2 * table->room + 64;
        table->at = wn_grow(table->at, table->room, sizeof(*table->at));
    }
    struct name *name = &table->at[table->n++];
    memset(name, 0, sizeof(*name));
    assert(digits.len <= DIGITS);
    memcpy(name->digits, digits.at, digits.len);
    name->row = row;
    index->n++;
}

static const struct wn_helpline *find(const struct wn_helplines *list, const struct table *table,
                                      struct wn_slice digits)
{
    struct name key = { .row = 0 };
    if (digits.len == 0 || digits.len > DIGITS || table->n == 0) {
        return NULL;
    }
    memcpy(key.digits, digits.at, digits.len);
    const struct name *name = bsearch(&key, table->at, table->n, sizeof(key), by_digits);
    return name ? &list->rows[name->row] : NULL;
}

/** Find a number that `digits` begin with; what follows was dialled behind it. */
static const struct wn_helpline *find_front(const struct wn_helplines *list,
                                            const struct table *table, struct wn_slice digits)
{
    const struct wn_helpline *row = NULL;
    for (size_t len = digits.len < DIGITS ? digits.len : DIGITS; !row && len > FIRST; len--) {
        row = find(list, table, (struct wn_slice){ digits.at, len });
    }
    return row;
}

/** @return the first digits as a number; BITS where they are none. */
static unsigned first_of(struct wn_slice digits)
{
    unsigned first = 0;
    for (size_t i = 0; i < FIRST; i++) {
        if (!wn_is_digit(digits.at[i])) {
            return BITS;
        }
        first = first * 10 + (unsigned)(digits.at[i] - '0');
    }
    return first;
}

static bool may_be(const struct wn_helplines *list, struct wn_slice digits)
{
    if (digits.len <= FIRST) {
        return false;
    }
    unsigned first = first_of(digits);
    return (list->index->first[first / 8] >> first % 8 & 1) != 0;
}

/** @return what follows the country code; nothing where there is none. */
static struct wn_slice behind_country(struct wn_slice digits)
{
    unsigned len = wn_country_code_length(digits);
    return len > 0 ? wn_slice_after(digits, len) : (struct wn_slice){ 0 };
}

/** Find E.164 digits; `is_bare`: whoever wrote them may have left out or doubled a country code. */
static const struct wn_helpline *find_e164(const struct wn_helplines *list, struct wn_slice digits,
                                           bool is_bare)
{
    const struct wn_helpline_index *index = list->index;
    const struct wn_helpline *row = NULL;
    struct wn_slice rest = behind_country(digits);

    if (may_be(list, digits)) {
        row = find_front(list, &index->e164, digits);
        row = row || !is_bare ? row : find(list, &index->national, digits);
    }
    if (!row && is_bare && may_be(list, rest)) {
        row = find(list, &index->e164, rest);
    }
    if (!row && rest.len <= SHORT_MOST) {
        row = find(list, &index->codes, rest);
    }
    if (!row && is_bare && rest.len > 0 && rest.len <= SHORT_MOST + 3) {
        row = find(list, &index->codes, behind_country(rest));
    }
    return row;
}

/** Find digits as they were dialled or written, whatever the dialling rules are. */
static const struct wn_helpline *find_dialled(const struct wn_helplines *list,
                                              struct wn_slice digits, bool plus)
{
    if (plus || wn_slice_starts(digits, "00")) {
        const struct wn_slice e164 = plus ? digits : wn_slice_after(digits, 2);
        const struct wn_slice rest = behind_country(e164);
        const struct wn_helpline *row = find_e164(list, e164, false);
        return row || !wn_slice_starts(rest, "0") // +31 (0)800
                   ? row
                   : find_front(list, &list->index->national, wn_slice_after(rest, 1));
    }
    if (wn_slice_starts(digits, "0")) {
        return find_front(list, &list->index->national, wn_slice_after(digits, 1));
    }
    return may_be(list, digits) ? find_front(list, &list->index->e164, digits) : NULL;
}

/** A run of digits in a text, and those that separators join to it. */
struct piece {
    char digits[2 * DIGITS];
    size_t n;    ///< Digits, also the first one that did not fit.
    size_t run;  ///< Of the run itself.
    bool plus;   ///< `+` stands before it.
    bool joined; ///< Separators join it to a run before it.
};

/** The first digit of a text, also of full width or of the Arabic scripts. @return its octets; 0:
 * it is none */
static size_t digit_of(struct wn_slice text, char *ret_digit)
{
    static const struct {
        const char *before; ///< Octets of UTF-8.
        unsigned char zero;
    } scripts[] = { { "\xd9", 0xa0 }, { "\xdb", 0xb0 }, { "\xef\xbc", 0x90 } };

    *ret_digit = text.at[0];
    if ((unsigned char)text.at[0] < 0x80) {
        return wn_is_digit(text.at[0]) ? 1 : 0;
    }
    for (size_t i = 0; i < WN_COUNT(scripts); i++) {
        const size_t len = strlen(scripts[i].before);
        if (text.len > len && memcmp(text.at, scripts[i].before, len) == 0) {
            const unsigned value = (unsigned char)text.at[len] - (unsigned)scripts[i].zero;
            if (value < 10) {
                *ret_digit = (char)('0' + value);
                return len + 1;
            }
        }
    }
    return 0;
}

/** What may stand between the digits of a number; of signs beyond ASCII any: a hyphen, a blank. */
static bool is_separator(char c)
{
    return ((unsigned char)c & 0x80) != 0 || (c != '\0' && strchr(" -.()/_\t", c));
}

/**
 * Cut the next run of digits off the front of a text.
 *
 * @param piece  The one before it, all-zero at first; then this one.
 * @return false: there is none
 */
static bool next_piece(struct wn_slice *rest, struct piece *piece)
{
    bool plus = false, joined = piece->n > 0, in_run = true;
    char digit = 0;
    size_t len = 0;

    for (; rest->len > 0 && digit_of(*rest, &digit) == 0; *rest = wn_slice_after(*rest, 1)) {
        const bool separates = is_separator(rest->at[0]);
        plus = rest->at[0] == '+' || (plus && separates);
        joined = joined && separates;
    }
    *piece = (struct piece){ .plus = plus, .joined = joined };
    for (struct wn_slice ahead = *rest; ahead.len > 0; ahead = wn_slice_after(ahead, len)) {
        len = digit_of(ahead, &digit);
        if (in_run && len == 0) {
            in_run = false;
            piece->run = piece->n;
            *rest = ahead;
        }
        if (len > 0 && piece->n < sizeof(piece->digits)) {
            piece->digits[piece->n++] = digit;
        } else if (len > 0) {
            piece->n = sizeof(piece->digits) + 1;
        } else if (!is_separator(ahead.at[0])) {
            break;
        }
        if (!in_run && piece->n > sizeof(piece->digits)) {
            break;
        }
        len = len > 0 ? len : 1;
    }
    if (in_run) {
        piece->run = piece->n;
        *rest = wn_slice_after(*rest, rest->len);
    }
    return piece->n > 0;
}

/**
 * Whether a number may begin at a run of digits. Behind others only a run that is as long as the
 * first one of a number: 2026-08-000113 is an account of August.
 */
static bool may_begin(const struct piece *piece)
{
    return piece->run <= sizeof(piece->digits) && (!piece->joined || piece->run >= BEGIN_LEAST);
}

/** @param codes  Bare short codes are found as well. */
static const struct wn_helpline *find_in(const struct wn_helplines *list, struct wn_slice text,
                                         bool codes)
{
    const struct wn_helpline *row = NULL;
    struct piece piece = { .n = 0 };
    while (!row && next_piece(&text, &piece)) {
        if (!may_begin(&piece)) {
            continue;
        }
        const struct wn_slice digits = { piece.digits, piece.n < sizeof(piece.digits)
                                                           ? piece.n
                                                           : sizeof(piece.digits) };
        row = find_dialled(list, digits, piece.plus);
        row = row || !codes ? row : find(list, &list->index->codes, digits);
    }
    return row;
}

const struct wn_helpline *wn_helplines_find_in(const struct wn_helplines *list,
                                               struct wn_slice text)
{
    return find_in(list, text, false);
}

/** Find digits that stand for themselves: no country code was put in front of them. */
static const struct wn_helpline *find_bare(const struct wn_helplines *list, struct wn_slice digits,
                                           const struct wn_site *site)
{
    const struct wn_helpline *row = find(list, &list->index->codes, digits);
    if (!row && wn_slice_starts(digits, site->country)) {
        row = find(list, &list->index->codes, wn_slice_after(digits, strlen(site->country)));
    }
    if (!row && wn_slice_starts(digits, "0")) { // Of somebody who dials all with a 0.
        row = find(list, &list->index->codes, wn_slice_after(digits, 1));
    }
    row = row ? row : find(list, &list->index->national, digits);
    return row ? row : find_dialled(list, digits, false);
}

const struct wn_helpline *wn_helplines_find(const struct wn_helplines *list,
                                            const struct wn_value *value,
                                            const struct wn_site *site)
{
    if (value->text.len == 0) {
        return NULL;
    }
    if ((value->marks & WN_MARK_E164) != 0) {
        return find_e164(list, value->text, true);
    }
    return wn_text_is_digits(value->text) ? find_bare(list, value->text, site)
                                          : find_in(list, value->text, true); // A sender's name.
}

const struct wn_helpline *wn_helplines_find_label(const struct wn_helplines *list,
                                                  struct wn_slice text, const struct wn_site *site)
{
    struct piece piece = { .n = 0 };
    struct wn_slice rest = text;
    size_t odd = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        odd += !wn_is_digit(c) && !is_separator(c) && c != '#' && c != '*' ? 1 : 0;
    }
    if (odd == 0 && next_piece(&rest, &piece) && piece.n <= sizeof(piece.digits)) {
        const struct wn_slice digits = { piece.digits, piece.n };
        const struct wn_helpline *row = find_bare(list, digits, site);
        if (row) {
            return row;
        }
    }
    return wn_helplines_find_in(list, text);
}

/** @return whether a number was read as what its row says, not as something else by mistake. */
static bool is_whole(const struct wn_helpline *row, struct wn_slice digits)
{
    const size_t fixed = strcspn(row->number, "x");
    return row->e164 && digits.len >= fixed && memcmp(digits.at, row->number, fixed) == 0;
}

struct wn_value wn_helplines_mask(const struct wn_helpline *row, const struct wn_value *value,
                                  const struct wn_site *site)
{
    const bool e164 = (value->marks & WN_MARK_E164) != 0;
    const bool nowhere =
        value->class == WN_NUMBER_INTERNAL || value->class == WN_NUMBER_ALPHANUMERIC;
    const bool own_class =
        nowhere || (e164 && value->class != WN_NUMBER_UNKNOWN && row && is_whole(row, value->text));
    struct wn_value masked = {
        .class = row && !own_class ? (uint8_t)row->class : value->class,
        .marks = (value->marks & WN_MARK_WITHHELD) | WN_MARK_SHIELDED,
    };
    struct wn_slice country = { 0 };
    if (row && row->e164 && !nowhere) {
        country = wn_slice_of(row->number);
    } else if (e164) {
        country = value->text;
    } else if (row && !nowhere) {
        country = wn_slice_of(site->country); // A short code is dialled at home.
    }
    country.len = country.len > 0 ? wn_country_code_length(country) : 0;
    if (country.len > 0) {
        masked.text = country;
        masked.marks |= WN_MARK_E164;
    }
    return masked;
}

struct wn_helplines *wn_helplines_close(struct wn_helplines *list)
{
    if (list) {
        if (list->index) {
            free(list->index->e164.at);
            free(list->index->national.at);
            free(list->index->codes.at);
            free(list->index);
        }
        free(list->rows);
        free(list->file);
        free(list);
    }
    return NULL;
}

/** A list being read. */
struct loading {
    struct wn_helplines *list;
    size_t room;
};

/** Read the column `class`. */
static bool read_class(struct wn_rows *rows, struct wn_slice cell, struct wn_helpline *row)
{
    static const struct {
        const char *word;
        enum wn_number_class class;
    } classes[] = {
        { "freephone", WN_NUMBER_FREEPHONE },
        { "shared-cost", WN_NUMBER_PREMIUM },
        { "basic-rate", WN_NUMBER_COMPANY },
    };
    for (size_t i = 0; i < WN_COUNT(classes); i++) {
        if (wn_slice_is(cell, classes[i].word)) {
            row->class = classes[i].class;
            row->free = row->class == WN_NUMBER_FREEPHONE;
            return true;
        }
    }
    wn_rows_fault(rows, "class", "not freephone, shared-cost or basic-rate");
    return false;
}

static bool read_country(struct wn_rows *rows, struct wn_slice cell, struct wn_helpline *row)
{
    bool good = cell.len == 2 && cell.at[0] >= 'A' && cell.at[0] <= 'Z' && cell.at[1] >= 'A' &&
                cell.at[1] <= 'Z';
    if (!good) {
        wn_rows_fault(rows, "country", "not two capital letters of ISO 3166, or EU");
        return false;
    }
    memcpy(row->country, cell.at, cell.len);
    if (row->e164 && !wn_slice_is(cell, wn_country_of(wn_slice_of(row->number)))) {
        wn_rows_fault(rows, "country", "not the country of the number's country code");
        return false;
    }
    return true;
}

static bool read_number(struct wn_rows *rows, struct wn_slice cell, struct wn_helpline *row)
{
    row->e164 = wn_slice_starts(cell, "+");
    struct wn_slice digits = wn_slice_after(cell, row->e164 ? 1 : 0);
    size_t any = 0;
    while (any < ANY_MOST && any < digits.len && digits.at[digits.len - 1 - any] == 'x') {
        any++;
    }
    const size_t least = row->e164 ? E164_LEAST : SHORT_LEAST;
    const size_t most = row->e164 ? DIGITS : SHORT_MOST;
    const bool good = digits.len >= least && digits.len <= most &&
                      digits.len - any >= SHORT_LEAST && digits.at[0] != '0' &&
                      wn_text_is_digits((struct wn_slice){ digits.at, digits.len - any });
    if (!good) {
        wn_rows_fault(
            rows, "number",
            "not + and %d to %d digits of E.164, nor a short code of %d to %d digits; the "
            "last %d at most may be x",
            E164_LEAST, DIGITS, SHORT_LEAST, SHORT_MOST, ANY_MOST);
        return false;
    }
    memcpy(row->number, digits.at, digits.len);
    return true;
}

/** Take a row of the file. */
static bool take_row(struct wn_rows *rows, const struct wn_slice *cells)
{
    struct loading *loading = rows->context;
    struct wn_helplines *list = loading->list;
    struct wn_helpline row = { .line = rows->line };
    if (list->n_rows == WN_HELPLINES) {
        wn_rows_fault(rows, NULL, "more than %d rows", WN_HELPLINES);
        return false;
    }
    bool good = read_number(rows, cells[0], &row);
    good = good && read_country(rows, cells[1], &row);
    good = read_class(rows, cells[2], &row) && good;
    if (wn_slice_strip(cells[3]).len == 0) {
        wn_rows_fault(rows, "source", "is empty; say where this is publicly said");
        good = false;
    }
    for (unsigned i = 0; good && i < list->n_rows; i++) {
        if (list->rows[i].e164 == row.e164 && strcmp(list->rows[i].number, row.number) == 0) {
            wn_rows_fault(rows, "number", "is that of line %u", list->rows[i].line);
            good = false;
        }
    }
    if (good && list->n_rows == loading->room) {
        loading->room = 2 * loading->room + 64;
        list->rows = wn_grow(list->rows, loading->room, sizeof(row));
    }
    if (good) {
        list->rows[list->n_rows++] = row;
    }
    return true;
}

/** Index a number, with every digit in place of each `x`. */
static void index_number(struct wn_helplines *list, unsigned row, struct wn_slice digits)
{
    struct wn_helpline_index *index = list->index;
    if (!list->rows[row].e164) {
        add(index, &index->codes, digits, row);
        return;
    }
    struct wn_slice national = behind_country(digits);
    unsigned first = first_of(digits);
    add(index, &index->e164, digits, row);
    index->first[first / 8] |= (uint8_t)(1U << first % 8);
    if (national.len > FIRST) {
        first = first_of(national);
        add(index, &index->national, national, row);
        index->first[first / 8] |= (uint8_t)(1U << first % 8);
    }
}

/** Sort, and of names that stand for the same digits keep the first. */
static void sort(struct table *table)
{
    size_t n = 0;
    if (table->n == 0) {
        return;
    }
    qsort(table->at, table->n, sizeof(struct name), by_digits_and_row);
    for (size_t i = 1; i < table->n; i++) {
        if (by_digits(&table->at[n], &table->at[i]) != 0) {
            table->at[++n] = table->at[i];
        }
    }
    table->n = n + 1;
}

static bool make_index(struct wn_rows *rows, struct wn_helplines *list)
{
    struct wn_helpline_index *index = wn_take(1, sizeof(*index));
    list->index = index;
    for (unsigned row = 0; row < list->n_rows; row++) {
        char digits[DIGITS + 1] = { 0 };
        const char *text = list->rows[row].number;
        const size_t len = strlen(text);
        const size_t any = len - strcspn(text, "x");
        unsigned n = 1;
        for (size_t i = 0; i < any; i++) {
            n *= 10;
        }
        for (unsigned i = 0; i < n; i++) {
            unsigned rest = i;
            (void)snprintf(digits, sizeof(digits), "%s", text);
            for (size_t j = 0; j < any; j++, rest /= 10) {
                digits[len - 1 - j] = (char)('0' + rest % 10);
            }
            index_number(list, row, (struct wn_slice){ digits, len });
        }
        if (index->n > WN_HELPLINES_NAMES) {
            wn_faults_add(rows->faults, rows->file, list->rows[row].line,
                          "stands, with the rows before it, for more than %d numbers",
                          WN_HELPLINES_NAMES);
            return false;
        }
    }
    sort(&index->e164);
    sort(&index->national);
    sort(&index->codes);
    return true;
}

bool wn_helplines_read(const char *file, struct wn_faults *faults, struct wn_helplines **ret_list)
{
    static const char *const columns[] = { "number", "country", "class", "source", NULL };
    struct loading loading = { .list = wn_take(1, sizeof(*loading.list)) };
    struct wn_helplines *list = loading.list;
    struct wn_rows rows = {
        .file = file, .columns = columns, .faults = faults, .visit = take_row, .context = &loading
    };
    bool good = wn_rows_read(&rows);
    if (good && list->n_rows == 0) {
        wn_faults_add(faults, file, 0, "has no row: a list without helplines protects nobody");
        good = false;
    }
    good = good && make_index(&rows, list);
    if (!good) {
        wn_helplines_close(list);
        return false;
    }
    memcpy(list->version, rows.sha256, sizeof(list->version));
    const size_t size = strlen(file) + 1;
    list->file = wn_take(size, 1);
    (void)snprintf(list->file, size, "%s", file);
    list->stamp = rows.stamp;
    *ret_list = list;
    return true;
}
