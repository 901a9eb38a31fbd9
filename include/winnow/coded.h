// SPDX-License-Identifier: Apache-2.0

/**
 * Values as 3GPP charging records code them in octets (TS 32.298 clause 5 and the types that it
 * takes from TS 29.002, 24.008, 23.040, 23.003): read here and made the canonical forms of kind.h.
 *
 * | coding | octets | read by |
 * |---|---|---|
 * | TBCD-STRING (29.002) | `00 01 01 21 43 65 87 f9`: low half first, f fills up | wn_imsi_octets,
 * wn_imei_octets, wn_tbcd_text | | AddressString (29.002) | `91 44 77 …`: 1, type of number, plan;
 * then TBCD | wn_address_read | | BCDDirectoryNumber (24.008 10.5.4.7) | the same, or with an octet
 * 3a: `11 a0 44 77 …` | wn_address_read | | address of a short message (23.040 9.1.2.5) | digits
 * first: `0b 91 44 77 …` | wn_address_read | | PLMN-Id (32.298, 24.008 10.5.1.3) | `02 f4 40` is
 * 204-04, `13 20 10` is 310-012 | wn_plmn_octets | | TimeStamp (32.298) | `26 10 25 02 30 00 2b 02
 * 00`: YY MM DD hh mm ss, sign, hh mm | wn_stamp_octets | | MSTimeZone (29.060 7.7.52) | `80 01`:
 * quarter hours, halves swapped, bit 4 the sign | time.h | | INTEGER, BIT STRING (X.690) | two's
 * complement; unused bits, then bits | wn_integer_octets, wn_bits_has |
 *
 * What writers get wrong is taken where no doubt is left: digits in ASCII, an SMS address without
 * its length, a stamp without offset, second 60. A half octet above 9 where a digit is due is
 * "bad-bcd". Nothing here knows BER: octets are the contents of one element.
 *
 * Threads: any. Values lie in the octets or the arena.
 */

#ifndef WINNOW_CODED_H
#define WINNOW_CODED_H

#include "winnow/kind.h"
#include "winnow/time.h"

/**
 * Read an IMSI: TBCD of up to eight octets, or 14 to 16 digits in ASCII (with `imsi-` in front).
 *
 * @param ret_present  false: empty, filler only, or zeros.
 * @return WN_OK, or WN_REJECT: "bad-bcd", "bad-identifier" (not 14 or 15 digits).
 */
WN_NODISCARD
enum wn_code wn_imsi_octets(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err);

/**
 * Read an IMEI or IMEISV: eight octets of TBCD (seven will do), or text of 14 to 16 digits, with
 * `imei-` or `imeisv-` in front or not; told apart by length. What follows the 14 digits is not
 * looked at: check digit, 0, version of software and filler are all met there.
 *
 * @return as wn_imsi_octets().
 */
WN_NODISCARD
enum wn_code wn_imei_octets(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err);

/**
 * Read a PLMN of three octets: `204-04`, `310-012`.
 *
 * @param ret_present  false: empty, all zeros or all ones.
 * @return WN_OK, or WN_REJECT: "bad-bcd", "bad-identifier" (not three octets).
 */
WN_NODISCARD
enum wn_code wn_plmn_octets(const struct wn_reading *how, struct wn_slice octets,
                            struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                            struct wn_error *err);

/**
 * Read the network out of a user location (TS 29.060 7.7.51, 29.274 8.21, RADIUS): octets 2 to 4 in
 * all of them; the place behind it is not looked at.
 *
 * @return as wn_plmn_octets().
 */
WN_NODISCARD
enum wn_code wn_location_plmn_octets(const struct wn_reading *how, struct wn_slice octets,
                                     struct wn_arena *arena, struct wn_value *ret_value,
                                     bool *ret_present, struct wn_error *err);

/**
 * Read an IP address of 4 or 16 octets; one as text is wn_kind_read()'s.
 *
 * @param ret_value    16 octets, an IPv4 address mapped into IPv6.
 * @param ret_present  false: empty or all zeros.
 * @return WN_OK, or WN_REJECT: "bad-identifier".
 */
WN_NODISCARD
enum wn_code wn_ip_octets(const struct wn_reading *how, struct wn_slice octets,
                          struct wn_arena *arena, struct wn_value *ret_value, bool *ret_present,
                          struct wn_error *err);

/** @return an address of 16 octets as text: `192.0.2.1`, `2001:db8::1` (RFC 5952), in the arena. */
struct wn_slice wn_ip_text(struct wn_slice ip, struct wn_arena *arena);

/** How an address is coded. */
enum wn_address_coding {
    WN_ADDRESS_STRING,    ///< AddressString: type and plan, digits.
    WN_ADDRESS_DIRECTORY, ///< BCDDirectoryNumber: type and plan, perhaps octet 3a, digits.
    WN_ADDRESS_SMS, ///< Count of half octets (missing with some writers), type and plan, digits.
};

/** Type of number, TS 24.008 table 10.5.118. */
enum wn_address_type {
    WN_ADDRESS_UNKNOWN,
    WN_ADDRESS_INTERNATIONAL,
    WN_ADDRESS_NATIONAL,
    WN_ADDRESS_NETWORK,
    WN_ADDRESS_SUBSCRIBER,   ///< "Dedicated access, short code" in TS 24.008.
    WN_ADDRESS_ALPHANUMERIC, ///< TS 23.040 only: packed letters, not digits.
    WN_ADDRESS_ABBREVIATED,
    WN_ADDRESS_RESERVED,
};

enum {
    WN_ADDRESS_DIGITS = 40 ///< Half octets of an address, at most.
};

/** An address taken apart. */
struct wn_address {
    enum wn_address_type type;
    bool is_letters;    ///< Of a short message: packed letters, `n` is 0.
    bool is_restricted; ///< Presentation restricted (CLIR): octet 3a says so.
    size_t n;
    char digits[WN_ADDRESS_DIGITS]; ///< 0-9, `*`, `#`, a, b, c (TS 24.008 table 10.5.118).
};

/** Take an address apart. @return WN_OK (no digits: there is no number), or WN_REJECT: "bad-bcd"
 * (filler before the end), "bad-identifier" (cut, or too long). */
WN_NODISCARD
enum wn_code wn_address_take(enum wn_address_coding coding, struct wn_slice octets,
                             struct wn_address *ret_address, struct wn_error *err);

/**
 * Read an address as a number: by its type where that says enough (international, national with
 * or without the trunk prefix), else as it was dialled, by the site's rules (number.h).
 *
 * @param ret_value    As wn_kind_read() gives a number; WN_MARK_WITHHELD where the caller asked for
 *                     it, present or not.
 * @param ret_present  false: there are no digits.
 * @return WN_OK, or WN_REJECT: "bad-bcd", "bad-identifier"; never where the source keeps the class
 *         of unreadable numbers.
 */
WN_NODISCARD // NOLINTNEXTLINE(readability-function-size): a reader's parameters, and the coding.
    enum wn_code
    wn_address_read(enum wn_address_coding coding, const struct wn_reading *how,
                    struct wn_slice octets, struct wn_arena *arena, struct wn_value *ret_value,
                    bool *ret_present, struct wn_error *err);

/** @return an address as text, `+` in front of an international one, in the arena; empty where it
 *          has no digits or can't be read. */
struct wn_slice wn_address_text(enum wn_address_coding coding, struct wn_slice octets,
                                struct wn_arena *arena);

/** A TimeStamp. */
struct wn_stamp {
    struct wn_instants instants;
    bool has_offset;
    int32_t offset_min; ///< East of UTC, as the stamp says.
    bool is_leap;       ///< Second 60, read as 59.
};

/**
 * Read a TimeStamp (TS 32.298 5.1.2.2: nine octets): local time with its offset, whose sign may be
 * `-` with 0 hours too; six octets are local time in the clock's zone.
 *
 * @param clock        Its zone may be NULL: a stamp without offset is "bad-time" then.
 * @param by_zone      The offset is not looked at: local time in the clock's zone (writers that get
 *                     it wrong).
 * @param ret_present  false: empty, or all zeros or all ones.
 * @return WN_OK, or WN_REJECT: "bad-bcd", "bad-time" (no such time; offset over 14 hours or not of
 *         quarter hours; 2000 and 2070 to 2099: a clock that was never set), "time-nonexistent".
 */
WN_NODISCARD
enum wn_code wn_stamp_octets(struct wn_slice octets, const struct wn_clock *clock, bool by_zone,
                             struct wn_stamp *ret_stamp, bool *ret_present, struct wn_error *err);

/** @return a TimeStamp as `2026-10-25T02:30:00+02:00`, in the arena; what is no digit is `?`. */
struct wn_slice wn_stamp_text(struct wn_slice octets, struct wn_arena *arena);

/** How the octets of an INTEGER are meant. */
enum wn_integer {
    WN_INTEGER_COUNT,    ///< Volume, count, duration: a negative one is refused.
    WN_INTEGER_UNSIGNED, ///< Identity, or a count of a writer that leaves out the leading zero
                         ///< octet: unsigned at the width that it has.
};

/** Read an INTEGER; zero octets in front are no harm. @return WN_OK, or WN_REJECT: "bad-integer"
 * (empty, negative, over 63 bits). */
WN_NODISCARD
enum wn_code wn_integer_octets(struct wn_slice octets, enum wn_integer how, int64_t *ret_number,
                               struct wn_error *err);

/** @return whether a bit of a BIT STRING is set; the first is 0. One that is not there is not set.
 */
bool wn_bits_has(struct wn_slice octets, unsigned bit);

#endif
