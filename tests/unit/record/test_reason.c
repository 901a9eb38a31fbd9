// SPDX-License-Identifier: Apache-2.0

/** The one list of reasons: each row is whole, and its id finds it. */

#include "table.h"
#include "winnow/reason.h"

static void is_whole(void **state)
{
    (void)state;
    for (unsigned i = 1; i < WN_REASONS; i++) {
        const struct wn_reason_info *info = wn_reason_info((enum wn_reason)i);
        const bool of_records = info->fate == WN_FATE_QUARANTINE || info->fate == WN_FATE_FILTER;
        const char *const texts[] = { info->id, info->meaning, info->protects, info->remedy };
        for (size_t j = 0; j < WN_COUNT(texts); j++) {
            assert_non_null(texts[j]);
            assert_string_not_equal(texts[j], "");
        }
        const bool has_setter = wn_reason_set_by((enum wn_reason)i)[0] != '\0';
        assert_int_equal(has_setter, of_records);
        assert_int_equal(wn_reason_find(wn_slice_of(info->id)), i);
    }
}

static void knows_no_other_id(void **state)
{
    (void)state;
    assert_int_equal(wn_reason_find(wn_slice_of("")), WN_REASON_NONE);
    assert_int_equal(wn_reason_find(wn_slice_of("none")), WN_REASON_NONE);
    assert_int_equal(wn_reason_find(wn_slice_of("Late")), WN_REASON_NONE);
    assert_string_equal(wn_reason_set_by(WN_REASON_NONE), "");
    assert_string_equal(wn_reason_set_by(WN_REASONS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_whole),
        cmocka_unit_test(knows_no_other_id),
    };
    return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
