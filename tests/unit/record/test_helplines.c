// SPDX-License-Identifier: Apache-2.0

/** Helplines are found in whatever spelling they came, and nothing of their digits is left. */

#include "winnow/helplines.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "table.h"

static const char shipped[] = "number,country,class,source\n"
                              "113,NL,freephone,a\n"
                              "116xxx,EU,freephone,b\n"
                              "116123,EU,freephone,c\n"
                              "+318000113,NL,freephone,d\n"
                              "+319000767,NL,shared-cost,e\n"
                              "+31880767000,NL,basic-rate,\"f, g\"\n"
                              "+4980011101xx,DE,freephone,h\n";

static const char path[] = "helplines-test.csv";

/** Write and read a list. @return NULL where it is refused */
static struct wn_helplines *read_list(const char *text, struct wn_faults *faults)
{
    struct wn_helplines *list = NULL;
    struct wn_error err;
    assert_int_equal(wn_io_replace(path, 0600, text, strlen(text), &err), WN_OK);
    bool good = wn_helplines_read(path, faults, &list);
    assert_int_equal(good, list != NULL);
    unlink(path);
    return list;
}

enum {
    NL,
    INTERNATIONAL,
    NATIONAL,
    PBX,
    GB,
    US
};

static struct wn_value read_number(const char *text, int where, struct wn_site *site,
                                   struct wn_arena *arena)
{
    static const char *const countries[] = { "31", "31", "31", "31", "44", "1" };
    static const struct wn_slice extensions[] = { { "1xx", 3 }, { "8xxxxxx", 7 } };
    const struct wn_number_rules rules = {
        .bare = where == INTERNATIONAL ? WN_BARE_INTERNATIONAL
                : where == NATIONAL    ? WN_BARE_NATIONAL
                                       : WN_BARE_REFUSED,
        .internal = extensions,
        .n_internal = where == PBX ? 2 : 0,
    };
    *site = wn_site_default();
    (void)snprintf(site->country, sizeof(site->country), "%s", countries[where]);
    const struct wn_reading how = { .site = site, .numbers = &rules };
    struct wn_value value;
    bool present;
    struct wn_error err;
    if (wn_kind_read(WN_KIND_NUMBER, &how, wn_slice_of(text), arena, &value, &present, &err) !=
        WN_OK) {
        fail_msg("%s", err.text);
    }
    return value;
}

/** A number as a switch wrote it, and what it is shown as. */
static const struct row {
    const char *name;
    const char *text;
    int where;
    const char *shown; ///< `country code/class`; NULL: it is no helpline.
} rows[] = {
    { "as dialled", "08000113", NL, "31/freephone" },
    { "with separators", "0800-01 13", NL, "31/freephone" },
    { "with brackets", "(0800) 0113", NL, "31/freephone" },
    { "with +", "+31 800 0113", NL, "31/freephone" },
    { "with 00", "00318000113", NL, "31/freephone" },
    { "behind a chosen carrier", "160108000113", NL, "31/freephone" },
    { "in a tel: URI", "tel:+31-800-0113;npdi;rn=+3197", NL, "31/freephone" },
    { "in a tel: URI with a context", "tel:8000113;phone-context=+31", NL, "31/freephone" },
    { "in a sip: URI", "<sip:%2B318000113@ims.example;user=phone>", NL, "31/freephone" },
    { "bare, with its country", "318000113", INTERNATIONAL, "31/freephone" },
    { "bare, without its 0", "8000113", NATIONAL, "31/freephone" },
    { "bare without its 0, misread as a country's", "8000113", INTERNATIONAL, "31/freephone" },
    { "bare, with a country too many", "318000113", NATIONAL, "31/freephone" },
    { "with digits dialled behind it", "080001131", NL, "31/freephone" },
    { "with many digits dialled behind it", "08000113123456", NL, "31/freephone" },
    { "from abroad", "00318000113", GB, "31/international" },
    { "from where 011 is dialled", "011318000113", US, "31/international" },
    { "as somebody's extension", "8000113", PBX, "/internal" },
    { "shared cost is shown as premium", "09000767", NL, "31/premium" },
    { "a basic rate is shown as its class", "088-0767000", NL, "31/company" },
    { "another country's", "+4980011101 11", NL, "49/international" },

    { "a short code", "113", NL, "31/freephone" },
    { "a short code with a space", "1 13", NL, "31/freephone" },
    { "a short code with +31", "+31113", NL, "31/freephone" },
    { "a short code with 0031", "0031113", NL, "31/freephone" },
    { "a short code behind a chosen carrier", "1601113", NL, "31/freephone" },
    { "a short code in a sip: URI", "sip:113@ims.example", NL, "31/freephone" },
    { "a short code with a context", "tel:113;phone-context=+31", NL, "31/freephone" },
    { "a short code with the country, misread", "31113", INTERNATIONAL, "31/freephone" },
    { "a short code with the country, misread as national", "31113", NATIONAL, "31/freephone" },
    { "a short code that is an extension", "113", PBX, "/internal" },
    { "a short code abroad", "113", GB, "44/freephone" },
    { "a European number", "116123", NL, "31/freephone" },
    { "a European number with +31", "+31116123", NL, "31/freephone" },
    { "a European number with 0", "0116123", NL, "31/freephone" },
    { "a European number with another country", "+49116123", NL, "49/freephone" },
    { "a European number with a context", "tel:116123;phone-context=+32", NL, "32/freephone" },
    { "a European number of the range", "116999", NL, "31/freephone" },
    { "a European number in Great Britain", "116123", GB, "44/freephone" },
    { "a sender's name with a number in it", "Bel 113", NL, "/alphanumeric" },
    { "a sender's name that begins with it", "08000113nl", NL, "/alphanumeric" },

    { "another freephone number", "08000114", NL, NULL },
    { "another freephone number that begins alike", "08000011300", NL, NULL },
    { "a number of the area 0113", "0113200000", NL, NULL },
    { "a number of the area 0113, bare", "113200000", NATIONAL, NULL },
    { "a number that holds one", "0201130113", NL, NULL },
    { "a mobile number", "0612345678", NL, NULL },
    { "a short code that begins alike", "1130", NL, NULL },
    { "an extension that begins alike", "114", PBX, NULL },
    { "112, which this list does not name", "112", NL, NULL },
    { "a feature code, which has no digits", "*31#113", NL, NULL },
    { "a short code with #", "113#", NL, NULL },
    { "a withheld number", "anonymous", NL, NULL },
    { "another number of the world", "+80001131234", NL, NULL },
    { "a sender's name", "Radio 538", NL, NULL },
    { "a number of North America", "+16135550113", NL, NULL },
};

static void check_number(void **state)
{
    const struct row *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_site site;
    struct wn_helplines *list = read_list(shipped, &faults);
    struct wn_value value = read_number(row->text, row->where, &site, &arena);
    const struct wn_helpline *found = wn_helplines_find(list, &value, &site);
    assert_int_equal(found != NULL, row->shown != NULL);
    if (found) {
        struct wn_value masked = wn_helplines_mask(found, &value, &site);
        char shown[64];
        (void)snprintf(shown, sizeof(shown), "%.*s/%s", (int)masked.text.len, masked.text.at,
                       wn_number_class_name((enum wn_number_class)masked.class));
        assert_string_equal(shown, row->shown);
        assert_true((masked.marks & WN_MARK_SHIELDED) != 0);
        assert_int_equal((masked.marks & WN_MARK_E164) != 0, masked.text.len > 0);
    }
    wn_helplines_close(list);
    wn_faults_deinit(&faults);
    wn_arena_deinit(&arena);
}

static const struct text {
    const char *name;
    const char *text;
    bool found;
    bool label; ///< It is a trunk or an access point, not an account.
} texts[] = {
    { "a label of three digits", "113", true, true },
    { "a label of three digits and #", "113#", true, true },
    { "a label of six digits", "116 123", true, true },
    { "a label of the country and six digits", "31116123", true, true },
    { "a label of six digits behind a 0", "0116123", true, true },
    { "a label of national digits", "8000113", true, true },
    { "a label that holds a number", "to 0800-0113", true, true },
    { "a label that is more than three digits", "trunk-113", false, true },
    { "a label of other digits", "1130", false, true },
    { "a label without digits", "internet", false, true },
    { "an empty label", "", false, true },
    { "an account that is one", "+318000113", true, false },
    { "an account that is one as dialled", "0800-0113", true, false },
    { "an account that is one by its digits", "318000113", true, false },
    { "a user name", "+318000113@ims.example", true, false },
    { "a user name with a short code and its country", "+31113@ims.example", true, false },
    { "a short code with 0031", "0031116123", true, false },
    { "text around it", "cust_08000113_a", true, false },
    { "behind another number", "0612345678;0800 0113", true, false },
    { "with digits behind it", "08000113999", true, false },
    { "behind a number of the account", "42 0800-0113", true, false },
    { "behind a number and a hyphen", "42-08000113", true, false },
    { "behind more digits than a number has", "12345678901234567890123 0800-0113", true, false },
    { "before more digits than a number has", "0800-0113 12345678901234567890123", true, false },
    { "with the 0 in brackets", "+31 (0)800 0113", true, false },
    { "with 00 and the 0", "0031(0)8000113", true, false },
    { "with an underline", "0800_0113", true, false },
    { "with a hyphen that does not break", "0800\u20110113", true, false },
    { "with a blank that does not break", "0800\u00a00113", true, false },
    { "in digits of full width", "\uff10\uff18\uff10\uff10\uff10\uff11\uff11\uff13", true, false },
    { "in Arabic digits", "\u0660\u0668\u0660\u0660\u0660\u0661\u0661\u0663", true, false },
    { "in Persian digits", "\u06f0\u06f8\u06f0\u06f0\u06f0\u06f1\u06f1\u06f3", true, false },
    { "a serial number of a month", "2026-08-000113", false, false },
    { "another number with the 0", "+31 (0)20 8000113", false, false },
    { "a digit of full width that is cut", "0800011\xef\xbc", false, false },
    { "an account of three digits", "113", false, false },
    { "an account of six digits", "116123", false, false },
    { "an account of seven digits", "8000113", false, false },
    { "an account of eight digits", "31116123", false, false },
    { "digits in the middle of others", "4408000113", false, false },
    { "nothing", "", false, false },
    { "text alone", "customer", false, false },
    { "very many digits", "08000113080001130800011308000113", false, false },
    { "very many digits, then one", "08000113080001130800011308000113;08000113", true, false },
};

static void check_text(void **state)
{
    const struct text *row = *state;
    struct wn_faults faults = { 0 };
    struct wn_helplines *list = read_list(shipped, &faults);
    const struct wn_site site = wn_site_default();
    const struct wn_slice text = wn_slice_of(row->text);
    const struct wn_helpline *found =
        row->label ? wn_helplines_find_label(list, text, &site) : wn_helplines_find_in(list, text);
    assert_int_equal(found != NULL, row->found);
    wn_helplines_close(list);
    wn_faults_deinit(&faults);
}

#define HEAD "number,country,class,source\n"
#define FILE_NAME "helplines-test.csv"

static const struct fault {
    const char *name;
    const char *text;
    const char *faults;
} faulty[] = {
    { "a list without a row", HEAD,
      FILE_NAME ": has no row: a list without helplines protects nobody\n" },
    { "all that is wrong", HEAD "8000113,NL,freephone,a\n113,nl,suicide,\n+31800,NL,freephone,a\n",
      FILE_NAME ":2: number: not + and 7 to 15 digits of E.164, nor a short code of 3 to 6 digits; "
                "the last 3 at most may be x\n" FILE_NAME
                ":3: country: not two capital letters of ISO 3166, or EU\n" FILE_NAME
                ":3: class: not freephone, shared-cost or basic-rate\n" FILE_NAME
                ":3: source: is empty; say where this is publicly said\n" FILE_NAME
                ":4: number: not + and 7 to 15 digits of E.164, nor a short code of 3 to 6 digits; "
                "the last 3 at most may be x\n" },
    { "a number of another country", HEAD "+4930000000,NL,freephone,a\n",
      FILE_NAME ":2: country: not the country of the number's country code\n" },
    { "a number twice", HEAD "113,NL,freephone,a\n+318000113,NL,freephone,a\n113,EU,freephone,b\n",
      FILE_NAME ":4: number: is that of line 2\n" },
    { "letters in a number", HEAD "11a,NL,freephone,a\n",
      FILE_NAME ":2: number: not + and 7 to 15 digits of E.164, nor a short code of 3 to 6 digits; "
                "the last 3 at most may be x\n" },
    { "nearly no digit", HEAD "11xx,NL,freephone,a\n",
      FILE_NAME ":2: number: not + and 7 to 15 digits of E.164, nor a short code of 3 to 6 digits; "
                "the last 3 at most may be x\n" },
};

static void check_fault(void **state)
{
    const struct fault *row = *state;
    struct wn_faults faults = { 0 };
    assert_null(read_list(row->text, &faults));
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, row->faults);
    wn_faults_deinit(&faults);
}

/** The limits: rows, and what they stand for. */
static void is_bounded(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_buffer text = { 0 };
    wn_buffer_text(&text, HEAD);
    for (unsigned i = 0; i < 70; i++) {
        wn_buffer_format(&text, "+3180%03uxxx,NL,freephone,a\n", i);
    }
    wn_buffer_add(&text, "", 1);
    struct wn_helplines *list = read_list((const char *)text.at, &faults);
    assert_null(list); // Each has two names a number: E.164 and national.
    wn_buffer_add(&faults.lines, "", 1);
    assert_non_null(strstr((const char *)faults.lines.at, "more than 131072 numbers\n"));
    wn_faults_deinit(&faults);

    faults = (struct wn_faults){ 0 };
    text.len = strlen(HEAD);
    for (unsigned i = 0; i <= WN_HELPLINES; i++) {
        wn_buffer_format(&text, "+318%06u,NL,freephone,a\n", i);
    }
    wn_buffer_add(&text, "", 1);
    assert_null(read_list((const char *)text.at, &faults));
    wn_buffer_add(&faults.lines, "", 1);
    assert_string_equal((const char *)faults.lines.at, FILE_NAME ":10002: more than 10000 rows\n");
    wn_faults_deinit(&faults);
    wn_buffer_deinit(&text);
    assert_false(wn_helplines_read("no-such-list.csv", &faults, &list));
    wn_faults_deinit(&faults);
}

/** A row that names one number goes before one that stands for many. */
static void the_first_row_decides(void **state)
{
    (void)state;
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_site site;
    struct wn_helplines *list =
        read_list(HEAD "116123,EU,shared-cost,a\n116xxx,EU,freephone,b\n", &faults);
    struct wn_value value = read_number("116123", NL, &site, &arena);
    assert_int_equal(wn_helplines_find(list, &value, &site)->line, 2);
    value = read_number("116000", NL, &site, &arena);
    assert_int_equal(wn_helplines_find(list, &value, &site)->line, 3);
    wn_helplines_close(list);
    wn_arena_deinit(&arena);
    assert_null(wn_helplines_close(NULL));
}

/** A number that is masked because nobody knows whether it may show. */
static void masks_any_number(void **state)
{
    (void)state;
    static const char *const shown[][2] = { { "0612345678", "31/mobile" },
                                            { "+4930123456", "49/international" },
                                            { "1850", "/directory" },
                                            { "Radio 538", "/alphanumeric" } };
    struct wn_arena arena = { 0 };
    struct wn_site site;
    for (size_t i = 0; i < WN_COUNT(shown); i++) {
        struct wn_value value = read_number(shown[i][0], NL, &site, &arena);
        value.marks |= WN_MARK_WITHHELD;
        struct wn_value masked = wn_helplines_mask(NULL, &value, &site);
        char text[64];
        (void)snprintf(text, sizeof(text), "%.*s/%s", (int)masked.text.len, masked.text.at,
                       wn_number_class_name((enum wn_number_class)masked.class));
        assert_string_equal(text, shown[i][1]);
        assert_true((masked.marks & WN_MARK_SHIELDED) && (masked.marks & WN_MARK_WITHHELD));
    }
    wn_arena_deinit(&arena);
}

/** The list that is shipped can be read, and names what its header promises. */
static void reads_the_shipped_list(void **state)
{
    (void)state;
    static const char *const named[] = { "112",       "113",         "116000",    "116111",
                                         "0800-0113", "0900-0113",   "0800-0432", "0800-2000",
                                         "0900-0767", "088-0767000", "0900-0101" };
    struct wn_faults faults = { 0 };
    struct wn_arena arena = { 0 };
    struct wn_helplines *list = NULL;
    struct wn_site site;
    char file[512];
    const char *top = getenv("WINNOW_SOURCE");
    (void)snprintf(file, sizeof(file), "%s/schemas/lists/helplines.csv", top ? top : ".");
    if (!wn_helplines_read(file, &faults, &list)) {
        fail_msg("%.*s", (int)faults.lines.len, (const char *)faults.lines.at);
    }
    for (size_t i = 0; i < WN_COUNT(named); i++) {
        struct wn_value value = read_number(named[i], NL, &site, &arena);
        assert_non_null(wn_helplines_find(list, &value, &site));
    }
    assert_true(list->stamp.size > 0);
    wn_helplines_close(list);
    wn_arena_deinit(&arena);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(the_first_row_decides),
        cmocka_unit_test(masks_any_number),
        cmocka_unit_test(reads_the_shipped_list),
    };
    struct wn_tests all = { 0 };
    WN_ADD_TABLE(&all, rows, check_number);
    WN_ADD_TABLE(&all, texts, check_text);
    WN_ADD_TABLE(&all, faulty, check_fault);
    WN_ADD_TESTS(&all, others);
    return wn_run_tests("helplines", &all);
}
