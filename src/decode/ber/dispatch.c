// SPDX-License-Identifier: Apache-2.0

#include "element.h"
#include "frame.h"

enum {
    TAG_RECORD_TYPE = WN_BER_CONTEXT << 28, ///< [0], of every record.
    TAG_IMS_ROLE = TAG_RECORD_TYPE + 3,     ///< [3]: one octet in IMS records, an IMSI in others.
    STANDARD_PS = 7,                        ///< 32.251.
    STANDARD_IMS = 9,                       ///< 32.260.
};

const struct wn_ber_field *wn_ber_find(const struct wn_ber_type *type, uint32_t tag)
{
    unsigned low = type->first;
    unsigned high = low + type->n;
    while (low < high) {
        const unsigned middle = (low + high) / 2;
        if (wn_ber_fields[middle].tag < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < (unsigned)type->first + type->n && wn_ber_fields[low].tag == tag
               ? &wn_ber_fields[low]
               : NULL;
}

const char *wn_ber_find_word(const struct wn_ber_type *type, unsigned number)
{
    for (unsigned i = type->first; i < (unsigned)type->first + type->n; i++) {
        if (wn_ber_words[i].number == number) {
            return wn_ber_words[i].word;
        }
    }
    return NULL;
}

/** @return the first record with this tag, or NULL. */
static const struct wn_ber_record *find_tag(uint32_t tag)
{
    unsigned low = 0;
    unsigned high = wn_ber_n_records;
    while (low < high) {
        const unsigned middle = (low + high) / 2;
        if (wn_ber_records[middle].tag < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < wn_ber_n_records && wn_ber_records[low].tag == tag ? &wn_ber_records[low] : NULL;
}

/** Find an element of a record. @return WN_OK; `ret->whole.len` is 0 where there is none. */
static enum wn_code find_element(struct wn_slice content, uint32_t tag, struct wn_element *ret,
                                 struct wn_error *err)
{
    for (wn_element_skip_zeros(&content); content.len > 0; wn_element_skip_zeros(&content)) {
        if (wn_element_next(&content, ret, err) != WN_OK) {
            return err->code;
        }
        if (ret->tag == tag) {
            return WN_OK;
        }
    }
    *ret = (struct wn_element){ 0 };
    return WN_OK;
}

/** Whether a record without recordType has a field of one of the records with its tag. */
static bool has_known_field(const struct wn_ber_record *record, struct wn_slice content)
{
    const uint32_t tag = record->tag;
    struct wn_error unused;
    struct wn_element element;
    for (wn_element_skip_zeros(&content); content.len > 0; wn_element_skip_zeros(&content)) {
        if (wn_element_next(&content, &element, &unused) != WN_OK) {
            return false;
        }
        const struct wn_ber_record *end = wn_ber_records + wn_ber_n_records;
        for (const struct wn_ber_record *at = record; at < end && at->tag == tag; at++) {
            const struct wn_ber_field *field =
                at->fields ? wn_ber_find(&wn_ber_types[at->fields], element.tag) : NULL;
            const struct wn_ber_type *type = field ? &wn_ber_types[field->type] : NULL;
            const bool is_value = type && type->what == WN_BER_VALUE && type->form != WN_FORM_IP;
            if (type && element.constructed != is_value) {
                return true;
            }
        }
    }
    return false;
}

/** Whether a record of tag and type 70 is one of IMS. */
static bool is_ims(struct wn_slice content, uint8_t standard)
{
    struct wn_element element;
    struct wn_error unused;
    if (standard == STANDARD_IMS || standard == STANDARD_PS) {
        return standard == STANDARD_IMS;
    }
    return find_element(content, TAG_IMS_ROLE, &element, &unused) == WN_OK &&
           element.content.len == 1;
}

/** Choose among the records of one tag by the recordType. @return NULL: none has it. */
static const struct wn_ber_record *choose(const struct wn_ber_record *record, struct wn_slice type,
                                          struct wn_slice content, uint8_t standard)
{
    const uint32_t tag = record->tag;
    uint64_t number = 0;
    for (size_t i = 0; i < type.len; i++) {
        number = number > UINT32_MAX ? number : number << 8 | (uint8_t)type.at[i];
    }
    const struct wn_ber_record *end = wn_ber_records + wn_ber_n_records;
    while (record < end && record->tag == tag && record->record_type != number) {
        record++;
    }
    if (record == end || record->tag != tag) {
        return NULL;
    }
    const bool is_ambiguous =
        record + 1 < end && record[1].tag == tag && record[1].record_type == number;
    return is_ambiguous && !is_ims(content, standard) ? record + 1 : record;
}

enum wn_code wn_ber_dispatch(struct wn_slice raw, uint8_t standard,
                             const struct wn_ber_record **ret_record, struct wn_slice *ret_content,
                             struct wn_error *err)
{
    struct wn_tlv tlv;
    struct wn_element type;
    enum wn_code rc = wn_tlv_next(&raw, &tlv, err);
    if (rc == WN_RETRY) {
        return wn_fail(err, WN_REJECT, "record-cut", "the record ends in the middle");
    }
    if (rc != WN_OK) {
        return rc;
    }
    const struct wn_ber_record *record = tlv.class_ == WN_BER_CONTEXT ? find_tag(tlv.tag) : NULL;
    if (!record) {
        return wn_fail(err, WN_REJECT, "unknown-record-type", "no record has this outer tag");
    }
    if (find_element(tlv.content, TAG_RECORD_TYPE, &type, err) != WN_OK) {
        return err->code;
    }
    if (type.whole.len == 0 && !has_known_field(record, tlv.content)) {
        return wn_fail(err, WN_REJECT, "foreign-asn1",
                       "a known outer tag, and in it neither a recordType nor a known field");
    }
    record = type.content.len > 0 ? choose(record, type.content, tlv.content, standard) : NULL;
    if (!record) {
        return wn_fail(err, WN_REJECT, "unknown-record-type",
                       "no record has this outer tag and this recordType");
    }
    *ret_record = record;
    *ret_content = tlv.content;
    return WN_OK;
}
