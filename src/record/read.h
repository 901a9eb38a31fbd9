// SPDX-License-Identifier: Apache-2.0

/**
 * Readers of text kinds, one each; wn_kind_read() is the way to them from other rooms.
 *
 * All return WN_OK, or WN_REJECT with the reasons that wn_kind_read() names; a placeholder of the
 * kind gives WN_OK with `*ret_present` false. Values that can't be borrowed from the text lie in
 * the arena.
 */

#ifndef WINNOW_RECORD_READ_H
#define WINNOW_RECORD_READ_H

#include "winnow/identifier.h"

/** Read one value of a text kind; parameters as those of wn_kind_read(). */
typedef enum wn_code wn_kind_reader(const struct wn_reading *how, struct wn_slice text,
                                    struct wn_arena *arena, struct wn_value *ret_value,
                                    bool *ret_present, struct wn_error *err);

wn_kind_reader wn_currency_read; ///< amount.c
wn_kind_reader wn_number_read;   ///< number.c
wn_kind_reader wn_imsi_read;     ///< device.c
wn_kind_reader wn_imei_read;     ///< device.c
wn_kind_reader wn_mac_read;      ///< device.c
wn_kind_reader wn_ip_read;       ///< device.c
wn_kind_reader wn_nai_read;      ///< identifier.c
wn_kind_reader wn_email_read;    ///< identifier.c
wn_kind_reader wn_account_read;  ///< identifier.c
wn_kind_reader wn_id_read;       ///< identifier.c
wn_kind_reader wn_token_read;    ///< identifier.c
wn_kind_reader wn_plmn_read;     ///< network.c
wn_kind_reader wn_apn_read;      ///< network.c

/** What a text says in place of a number or a name. */
enum wn_placeholder {
    WN_PLACEHOLDER_NONE,   ///< It is a value.
    WN_PLACEHOLDER_ABSENT, ///< There is no value.
    WN_PLACEHOLDER_ASKED,  ///< There is none because somebody asked that it be withheld.
};

/** Look a text up in the list of placeholders for numbers and names (any case, blanks around). */
enum wn_placeholder wn_placeholder_of(struct wn_slice text);

/** @return whether every octet is `octet`, and there is at least one. */
bool wn_text_is_all(struct wn_slice text, char octet);

/** @return whether every octet is a digit, and there is at least one. */
bool wn_text_is_digits(struct wn_slice text);

/** @return whether nine digits stand in a row: such a label may be a number or an identity. */
bool wn_text_has_nine_digits(struct wn_slice text);

static inline bool wn_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool wn_is_letter(char c)
{
    return wn_ascii_lower(c) >= 'a' && wn_ascii_lower(c) <= 'z';
}

/** @return the value of a hexadecimal digit, or -1. */
static inline int wn_hex_digit(char c)
{
    if (wn_is_digit(c)) {
        return c - '0';
    }
    char lower = wn_ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

#endif
