// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

#include "harness.h"

enum {
    OCTETS = 4096,
    DEPTH = 128,
};

/** Octets in the making: pieces in braces get their length in front. */
struct octets {
    char at[OCTETS];
    size_t len;
};

static const char *add_octets(struct octets *to, const char *text);

/** Add `{…}`: a length, and what stands in the braces; `{~…}`: an indefinite length. */
static const char *add_braces(struct octets *to, const char *text)
{
    struct octets inner = { .len = 0 };
    const bool is_open = *text == '~';
    text = add_octets(&inner, text + (is_open ? 1 : 0));
    assert_int_equal(*text, '}');
    if (is_open) {
        to->at[to->len++] = '\x80';
    } else if (inner.len >= 0x80) {
        to->at[to->len++] = '\x82';
        to->at[to->len++] = (char)(inner.len >> 8);
        to->at[to->len++] = (char)(inner.len & 0xff);
    } else {
        to->at[to->len++] = (char)inner.len;
    }
    assert_true(to->len + inner.len + 2 < OCTETS);
    memcpy(to->at + to->len, inner.at, inner.len);
    to->len += inner.len;
    if (is_open) {
        to->at[to->len++] = '\0';
        to->at[to->len++] = '\0';
    }
    return text + 1;
}

/** Add hexadecimal octets, `'text'` and braces, up to a closing brace or the end. */
static const char *add_octets(struct octets *to, const char *text)
{
    while (*text && *text != '}') {
        if (*text == ' ') {
            text++;
        } else if (*text == '{') {
            text = add_braces(to, text + 1);
        } else if (*text == '\'') {
            for (text++; *text != '\''; text++) {
                to->at[to->len++] = *text;
            }
            text++;
        } else {
            const char pair[] = { text[0], text[1], '\0' };
            assert_true(to->len < OCTETS && text[1] != '\0');
            to->at[to->len++] = (char)strtoul(pair, NULL, 16);
            text += 2;
        }
    }
    return text;
}

/** What a record gives for the paths, or why it is refused. */
static const struct record_row {
    const char *name;
    const char *record;
    const char *paths;
    const char *each, *item_paths; ///< NULL: none.
    const char *expected;
} rows[] = {
    { "tells a record by its tag and type", "bf4f{80{55}}", "/servedIMSI", NULL, NULL,
      "pGWRecord billed:-" },
    { "finds the type at the end", "bf4f{83{00010121436587f9}80{55}}", "/servedIMSI", NULL, NULL,
      "pGWRecord billed:001010123456789" },
    { "tells records of one tag by their types", "b4{80{12}}", "/x", NULL, NULL,
      "sgsnPDPRecord covered:-" },
    { "tells the other record of this tag", "b4{80{57}}", "/x", NULL, NULL,
      "mSCsRVCCRecord unsupported-record-type:-" },
    { "tells a charging function's record", "bf8148{80{00c8}}", "/x", NULL, NULL,
      "chargingFunctionRecord billed:-" },
    { "tells an eG-CDR by its IMSI", "bf46{80{46}83{00010121436587f9}}", "/servedIMSI", NULL, NULL,
      "egsnPDPRecord billed:001010123456789" },
    { "tells a record of IMS by its role", "bf46{80{46}83{00}}", "/servedIMSI", NULL, NULL,
      "eCSCFRecord unsupported-record-type:-" },
    { "refuses a pair that no record has", "bf4f{80{54}}", "/x", NULL, NULL,
      "unknown-record-type" },
    { "refuses a tag that no record has", "bf7b{80{55}}", "/x", NULL, NULL, "unknown-record-type" },
    { "refuses a tag of another class", "30{80{55}}", "/x", NULL, NULL, "unknown-record-type" },
    { "refuses another module's record", "a0{a4{8101}}", "/x", NULL, NULL, "foreign-asn1" },
    { "refuses a record without a type", "a0{81{00010121436587f9}}", "/x", NULL, NULL,
      "unknown-record-type" },
    { "refuses a type without octets", "bf4f{80{}}", "/x", NULL, NULL, "unknown-record-type" },
    { "reads integers, words, flags and text",
      "bf4f{80{55}85{00fedcba98}95{00}b9{}94{ffffffff}87{'internet'}8b{ff}}",
      "/chargingID /apnSelectionMode /localSequenceNumber /accessPointNameNI /dynamicAddressFlag",
      NULL, NULL, "pGWRecord billed:4275878552|0|4294967295|internet|true" },
    { "says that a NULL is there", "bf4f{80{55}9f2a{}}", "/iMSIunauthenticatedFlag", NULL, NULL,
      "pGWRecord billed:true" },
    { "takes an empty string for absent", "bf4f{80{55}87{}83{}}", "/accessPointNameNI /servedIMSI",
      NULL, NULL, "pGWRecord billed:-|-" },
    { "takes the alternative of a choice", "bf4f{80{55}b0{85{60}}}",
      "/diagnostics/positionMethodFailureCause /diagnostics", NULL, NULL,
      "pGWRecord billed:96|{}" },
    { "takes each element, the first and the last", "bf4f{80{55}bf23{0a{02}0a{05}0a{00}}}",
      "/servingNodeType/* /servingNodeType/0 /servingNodeType/-1", NULL, NULL,
      "pGWRecord billed:2+5+0|2|0" },
    { "takes an element that is first and last", "bf4f{80{55}bf23{0a{02}}}",
      "/servingNodeType/* /servingNodeType/0 /servingNodeType/-1", NULL, NULL,
      "pGWRecord billed:2|2|2" },
    { "appends a list that stands there twice", "bf4f{80{55}bf23{0a{02}}bf23{0a{05}}}",
      "/servingNodeType/* /servingNodeType/0 /servingNodeType/-1", NULL, NULL,
      "pGWRecord billed:2+5|2|5" },
    { "says that a list is no scalar", "bf4f{80{55}bf23{0a{02}}}", "/servingNodeType", NULL, NULL,
      "pGWRecord billed:{}" },
    { "refuses a scalar that stands there twice", "bf4f{80{55}8e{01}8e{01}}", "/duration", NULL,
      NULL, "duplicate-field" },
    { "lets a scalar stand there twice that nobody wants", "bf4f{80{55}8e{01}8e{01}}",
      "/chargingID", NULL, NULL, "pGWRecord billed:-" },
    { "does not look into what nobody wants", "bf4f{80{55}bf22{ffffff}8e{}}", "/chargingID", NULL,
      NULL, "pGWRecord billed:-" },
    { "gives items", "bf4f{80{55}bf22{30{81{01}8c{07}}30{81{02}8d{08}}}}", "/chargingID",
      "/listOfServiceData/*", "./ratingGroup ./datavolumeFBCUplink ./datavolumeFBCDownlink",
      "pGWRecord billed:-(1|7|-)(2|-|8)" },
    { "prefers the first list that has items", "bf4f{80{55}ac{30{83{09}}}bf22{30{81{01}}}}",
      "/chargingID", "/listOfServiceData/* /listOfTrafficVolumes/*",
      "./ratingGroup ./dataVolumeGPRSUplink", "pGWRecord billed:-(1|-)" },
    { "gives items a value of the element around them",
      "bf8148{80{00c8}a5{30{a1{30{85{07}}30{85{08}}}80{c8}}30{80{02}a1{30{85{09}}}}}}",
      "/chargingID", "/listOfMultipleUnitUsage/*/usedUnitContainers/*",
      "./dataVolumeUplink ../ratingGroup", "chargingFunctionRecord billed:-(7|200)(8|200)(9|2)" },
    { "reads every length in four octets",
      "bf4f{80 84 00000001 55 85 84 00000001 09 bf22 84 00000009 30 84 00000003 81{07}}",
      "/chargingID /listOfServiceData/*/ratingGroup", NULL, NULL, "pGWRecord billed:9|7" },
    { "reads indefinite lengths", "bf4f{~80{55}bf22{~30{~81{07}}}85{09}}",
      "/chargingID /listOfServiceData/*/ratingGroup", NULL, NULL, "pGWRecord billed:9|7" },
    { "skips zeros within a definite length", "bf4f{80{55}0000 85{09} 000000}", "/chargingID", NULL,
      NULL, "pGWRecord billed:9" },
    { "joins segments", "bf4f{80{55}a3{04{000101}04{21436587f9}}}", "/servedIMSI", NULL, NULL,
      "pGWRecord billed:001010123456789" },
    { "leaves a constructed value that has no segments", "bf4f{80{55}a5{00fe}}", "/chargingID",
      NULL, NULL, "pGWRecord billed:254" },
    { "reads a list that does not say that it is constructed", "bf4f{80{55}9f22{30{81{07}}}}",
      "/listOfServiceData/*/ratingGroup", NULL, NULL, "pGWRecord billed:7" },
    { "skips unknown elements of every class",
      "bf4f{80{55}9f78{01}df05{02}4d{03}bf63{83{04}}04{05}85{09}}", "/chargingID", NULL, NULL,
      "pGWRecord billed:9" },
    { "takes a vendor's field by its tag", "bf4f{80{55}9f78{2a}df05{'abc'}}",
      "/context.120:integer /private.5:text /context.121", NULL, NULL,
      "pGWRecord billed:42|abc|-" },
    { "takes a field within a vendor's", "bf4f{80{55}bf78{83{2a}30{04{'x'}}}}",
      "/context.120/context.3:unsigned /context.120/universal.16/universal.4:text", NULL, NULL,
      "pGWRecord billed:42|x" },
    { "takes an extension by its object identifier",
      "bf4f{80{55}b3{30{06{2b0601040181fd5905}a2{04{'no'}}}"
      "30{06{2b0601040181fd5906}a2{04{'yes'}}}}}",
      "/recordExtensions/1.3.6.1.4.1.32473.6/information/universal.4:text", NULL, NULL,
      "pGWRecord billed:yes" },
    { "refuses an element that is longer than the record", "bf4f{80{55}85 09 01}", "/chargingID",
      NULL, NULL, "bad-ber" },
    { "refuses a record that ends in the middle", "bf4f 20 80{55}", "/chargingID", NULL, NULL,
      "record-cut" },
    { "refuses an indefinite length that does not end", "bf4f{80{55}bf22 80 30{81{07}}}",
      "/listOfServiceData/*/ratingGroup", NULL, NULL, "bad-ber" },
};

static void check_record(void **state)
{
    const struct record_row *row = *state;
    struct octets octets = { .len = 0 };
    const struct harness_source source = { .paths = row->paths,
                                           .each = row->each,
                                           .item_paths = row->item_paths };
    add_octets(&octets, row->record);
    struct wn_buffer text = { 0 };
    const char *reason =
        harness_decode(&wn_format_ber, &source, (struct wn_slice){ octets.at, octets.len }, &text);
    if (reason) {
        assert_string_equal(reason, row->expected);
    } else {
        wn_buffer_add(&text, "", 1);
        assert_string_equal((const char *)text.at, row->expected);
    }
    wn_buffer_deinit(&text);
}

int main(void)
{
    return WN_RUN_TABLE("ber-record", rows, check_record);
}
