// SPDX-License-Identifier: Apache-2.0

/**
 * What is known of the records of TS 32.298: a table that describe.py makes of `ts32298/`.
 */

#ifndef WINNOW_DECODE_BER_TABLE_H
#define WINNOW_DECODE_BER_TABLE_H

#include "winnow/form.h"

enum wn_ber_what {
    WN_BER_VALUE,  ///< One value, of a form.
    WN_BER_GROUP,  ///< SET or SEQUENCE.
    WN_BER_CHOICE, ///< One of its fields, within the tag of the field that has this type.
    WN_BER_LIST,   ///< Elements, all of the type `of`.
};

struct wn_ber_type {
    const char *name;  ///< As the description writes it.
    uint8_t what;      ///< enum wn_ber_what
    uint8_t form;      ///< enum wn_form, of a value.
    uint8_t universal; ///< Tag of an element of a list of such values; 0: any.
    uint16_t of;       ///< Type of a list's elements.
    uint16_t first, n; ///< Fields of a group or choice by tag, or words of an enumeration.
};

/** A field of a group or choice. */
struct wn_ber_field {
    uint32_t tag;  ///< Class in the first four bits.
    uint16_t type; ///< Its number.
    uint16_t len;  ///< Of its name.
    const char *name;
};

/** A word of an enumeration. */
struct wn_ber_word {
    unsigned number;
    const char *word;
};

struct wn_ber_record {
    struct wn_record_kind kind;
    uint32_t tag;         ///< Of the context class: what the record begins with.
    uint32_t record_type; ///< Value of its recordType.
    uint16_t fields;      ///< Number of its type; 0: it is skipped whole.
};

extern const struct wn_ber_type wn_ber_types[];
extern const struct wn_ber_field wn_ber_fields[]; ///< Those of a type by their tags.
extern const struct wn_ber_word wn_ber_words[];
extern const struct wn_ber_record wn_ber_records[]; ///< By tag, then recordType.
extern const unsigned wn_ber_n_records, wn_ber_n_fields;

/** @return a tag as fields have it. */
static inline uint32_t wn_ber_tag(unsigned class_, uint32_t tag)
{
    return (uint32_t)class_ << 28 | tag;
}

/** @return the field of this tag in a group or choice, or NULL. */
const struct wn_ber_field *wn_ber_find(const struct wn_ber_type *type, uint32_t tag);

/** @return the word of an enumeration's number, or NULL. */
const char *wn_ber_find_word(const struct wn_ber_type *type, unsigned number);

/**
 * Tell what a record is.
 *
 * The recordType may stand anywhere in it. Tag and type 70 are two records: what follows the
 * frame's TS number, else the length of the field [3] tells, an IMSI or the role of a node.
 *
 * @param raw          The whole record.
 * @param standard     TS number of its frame, or WN_FRAME_NO_STANDARD.
 * @param ret_record   What it is.
 * @param ret_content  Content of the record.
 * @return WN_OK, or WN_REJECT: "unknown-record-type" (no such pair, or a tag that no record has),
 *         "foreign-asn1" (a known tag around what has neither recordType nor any field of it),
 *         "record-cut" (it ends in an element), "bad-ber", "too-deep".
 */
WN_NODISCARD
enum wn_code wn_ber_dispatch(struct wn_slice raw, uint8_t standard,
                             const struct wn_ber_record **ret_record, struct wn_slice *ret_content,
                             struct wn_error *err);

#endif
