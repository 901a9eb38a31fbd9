// SPDX-License-Identifier: Apache-2.0

#include "winnow/judge.h"
#include "winnow/number.h"

/** @return the value of a slot that has one, as the source gave it: of a withheld number, too. */
static const struct wn_value *given(const struct wn_decoded *decoded, uint8_t slot)
{
    return (decoded->hidden >> slot & 1) != 0 ? &decoded->hidden_values[slot]
                                              : &decoded->record.values[slot];
}

/** What the numbers of a record say: whose test it is, or a call for help. */
static enum wn_reason rule_of_numbers(const struct wn_decoded *decoded)
{
    enum wn_reason rule = WN_REASON_NONE;
    uint64_t left = decoded->record.shape->numbers & (decoded->record.present | decoded->hidden);
    for (; left != 0; left &= left - 1) {
        const struct wn_value *value = given(decoded, (uint8_t)__builtin_ctzll(left));
        if (wn_site_is_test_number(decoded->source->site, value->text)) {
            return WN_REASON_TEST;
        }
        if (value->class == WN_NUMBER_EMERGENCY) {
            rule = WN_REASON_EMERGENCY;
        }
    }
    return rule;
}

/** The rules of the site, whatever the source says. */
static enum wn_reason rule_of_site(const struct wn_decoded *decoded)
{
    const struct wn_record *record = &decoded->record;
    const struct wn_site *site = decoded->source->site;
    enum wn_network network = record->subscriber_kind == WN_KIND_IMSI
                                  ? wn_site_network(site, record->subscriber)
                                  : WN_NETWORK_UNSAID;
    if (network == WN_NETWORK_TEST || (record->subscriber_kind == WN_KIND_NUMBER &&
                                       wn_site_is_test_number(site, record->subscriber))) {
        return WN_REASON_TEST;
    }
    enum wn_reason rule = rule_of_numbers(decoded);
    return rule == WN_REASON_NONE && network == WN_NETWORK_FOREIGN ? WN_REASON_FOREIGN_IMSI : rule;
}

enum wn_reason wn_filter(const struct wn_decoded *decoded)
{
    const struct wn_section *section = decoded->section;
    if (decoded->fate != WN_REASON_NONE) {
        return decoded->fate;
    }
    for (unsigned i = 0; i < section->n_filters; i++) {
        if (wn_condition_holds(section->filters[i].when, decoded)) {
            return section->filters[i].rule;
        }
    }
    return rule_of_site(decoded);
}
