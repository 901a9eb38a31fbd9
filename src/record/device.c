// SPDX-License-Identifier: Apache-2.0

/**
 * Identities of SIM, device and interface: IMSI (TS 23.003 2.2), IMEI (TS 23.003 6.2), MAC, IP.
 *
 * An IMEI has fourteen digits that name the device. A fifteenth is the Luhn digit, or 0 as it goes
 * over the air, or what is left of a software version that was cut (seen in the field); the IMEISV
 * has two digits of software version in its place. All these endings are one device, so the
 * canonical form is the fourteen digits, and what follows them is not looked at (ADR 8).
 */

#include <arpa/inet.h>

#include "read.h"

enum {
    IMEI_DIGITS = 14,
    TAC_DIGITS = 8,
    MAC_BYTES = 6,
    IP_BYTES = 16
};

static enum wn_code give(struct wn_slice text, struct wn_value *ret_value, bool *ret_present)
{
    ret_value->text = text;
    *ret_present = true;
    return WN_OK;
}

/** @return the text behind a prefix of 5G (TS 29.571: SUPI, PEI), where it is there. */
static struct wn_slice without(struct wn_slice text, const char *prefix)
{
    return wn_slice_starts(text, prefix) ? wn_slice_after(text, strlen(prefix)) : text;
}

enum wn_code wn_imsi_read(const struct wn_reading *how, struct wn_slice text,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err)
{
    (void)how;
    (void)arena;
    text = without(wn_slice_strip(text), "imsi-");
    if (wn_text_is_all(text, 'f') || wn_text_is_all(text, 'F') ||
        wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    if (text.len < 14 || text.len > 15 || !wn_text_is_digits(text)) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an IMSI: 14 or 15 digits are expected; look at what the source takes "
                       "it from");
    }
    return give(text, ret_value, ret_present);
}

enum wn_code wn_imei_read(const struct wn_reading *how, struct wn_slice text,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err)
{
    (void)how;
    (void)arena;
    text = without(without(wn_slice_strip(text), "imei-"), "imeisv-");
    if (wn_text_is_all(text, 'f') || wn_text_is_all(text, 'F') ||
        wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }
    if (text.len < IMEI_DIGITS || text.len > IMEI_DIGITS + 2 || !wn_text_is_digits(text)) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an IMEI: 14 to 16 digits are expected; look at what the source takes "
                       "it from");
    }

    struct wn_slice imei = { text.at, IMEI_DIGITS };
    if (wn_text_is_all(imei, text.at[0]) ||
        wn_text_is_all((struct wn_slice){ text.at, TAC_DIGITS }, '0') ||
        wn_slice_is(imei, "00499901064000")) { // The GSM test device.
        return WN_OK;
    }
    return give(imei, ret_value, ret_present);
}

/** Read twelve hexadecimal digits; the separators stand where one of the usual forms has them. */
static bool read_mac(struct wn_slice text, uint8_t mac[MAC_BYTES])
{
    size_t group; // Digits between separators.
    switch (text.len) {
    case 12:
        group = 12;
        break;
    case 14:
        group = 4;
        break;
    case 17:
        group = 2;
        break;
    default:
        return false;
    }

    const char separator = text.at[group < 12 ? group : 0]; // Looked at between groups only.
    if (group < 12 && separator != ':' && separator != '-' && separator != '.') {
        return false;
    }
    size_t at = 0;
    for (size_t digit = 0; digit < 12; digit++) {
        if (digit > 0 && digit % group == 0 && text.at[at++] != separator) {
            return false;
        }
        int value = wn_hex_digit(text.at[at++]);
        if (value < 0) {
            return false;
        }
        mac[digit / 2] = (uint8_t)(digit % 2 == 0 ? value << 4 : mac[digit / 2] | value);
    }
    return true;
}

enum wn_code wn_mac_read(const struct wn_reading *how, struct wn_slice text, struct wn_arena *arena,
                         struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    text = wn_slice_strip(text);
    if (text.len == 0) {
        return WN_OK;
    }
    uint8_t mac[MAC_BYTES] = { 0 };
    if (!read_mac(text, mac)) {
        return wn_placeholder_of(text) != WN_PLACEHOLDER_NONE
                   ? WN_OK
                   : wn_fail(err, WN_REJECT, "bad-identifier",
                             "not a MAC address: twelve hexadecimal digits, with ':', '-' or '.' "
                             "between groups or without, are expected");
    }

    static const uint8_t none[MAC_BYTES] = { 0 };
    bool is_random = (mac[0] & 0x02) != 0; // Locally administered; ff:ff:ff:ff:ff:ff as well.
    if (is_random || memcmp(mac, none, sizeof(mac)) == 0) {
        return WN_OK;
    }
    return give(wn_arena_copy(arena, (struct wn_slice){ (const char *)mac, sizeof(mac) }),
                ret_value, ret_present);
}

enum wn_code wn_ip_read(const struct wn_reading *how, struct wn_slice text, struct wn_arena *arena,
                        struct wn_value *ret_value, bool *ret_present, struct wn_error *err)
{
    (void)how;
    text = wn_slice_strip(text);
    if (wn_placeholder_of(text) != WN_PLACEHOLDER_NONE) {
        return WN_OK;
    }

    char address[INET6_ADDRSTRLEN] = { 0 };
    uint8_t ip[IP_BYTES] = { [10] = 0xff, [11] = 0xff }; // An IPv4 address mapped into IPv6.
    bool fits = text.len < sizeof(address) && memchr(text.at, '\0', text.len) == NULL;
    if (fits) {
        memcpy(address, text.at, text.len);
    }
    if (!fits ||
        (inet_pton(AF_INET, address, ip + 12) != 1 && inet_pton(AF_INET6, address, ip) != 1)) {
        return wn_fail(err, WN_REJECT, "bad-identifier",
                       "not an IP address: four numbers with dots, or IPv6, are expected");
    }

    static const uint8_t zero[4] = { 0 };
    bool is_zero = memcmp(ip + 12, zero, sizeof(zero)) == 0;
    for (size_t i = 0; i < 12; i++) {
        is_zero = is_zero && (ip[i] == 0 || (ip[i] == 0xff && i >= 10));
    }
    if (is_zero) {
        return WN_OK;
    }
    return give(wn_arena_copy(arena, (struct wn_slice){ (const char *)ip, sizeof(ip) }), ret_value,
                ret_present);
}
