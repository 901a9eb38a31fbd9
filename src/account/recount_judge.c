// SPDX-License-Identifier: Apache-2.0

/*
 * Comparing. Receipts' claims and the records found, both in the order of the ranges, are walked
 * side by side:
 *
 *     digest and number agree                  good
 *     more records than claimed                somebody added some: which ones?
 *     fewer                                    removed, or aged out
 *     as many, another digest                  altered, or exchanged
 *
 * Which ones: two guesses, each proved by the digest. A copy of a record (altered or not) has its
 * origin, and came later: leave out all but the earliest of each origin. A single record of an
 * origin of its own: leave out each record in turn, where they are few.
 */

#include "recount.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "winnow/receipt.h"

enum {
    TRIED = 2048, ///< Records of a range, at most, of which each one is left out in turn.
};

/** A range's records, and what its receipt says of them. */
struct group {
    struct wn_recount *recount;
    const struct wn_recount_range *range;
    const char *chain; ///< Its name.
    const struct wn_recount_found *list;
    size_t n;
    const struct wn_recount_claim *claim; ///< NULL: the receipt names no such output.
};

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/** By range, origin and piece; of one origin the earliest first. */
static int by_origin(const void *left, const void *right)
{
    const struct wn_recount_found *a = left;
    const struct wn_recount_found *b = right;
    if (a->range != b->range) {
        return a->range < b->range ? -1 : 1;
    }
    const int64_t pairs[][2] = { { a->offset, b->offset },       { a->index, b->index },
                                 { a->piece, b->piece },         { a->time_ms, b->time_ms },
                                 { a->partition, b->partition }, { a->at, b->at } };
    int order = 0;
    for (size_t i = 0; i < WN_COUNT(pairs) && order == 0; i++) {
        order = compare_i64(pairs[i][0], pairs[i][1]);
    }
    return order;
}

static bool is_repeated(const struct group *group, size_t i)
{
    const struct wn_recount_found *a = &group->list[i];
    const struct wn_recount_found *b = i > 0 ? a - 1 : NULL;
    return b && a->offset == b->offset && a->index == b->index && a->piece == b->piece;
}

/** Which records a guess leaves out. */
struct guess {
    bool repeated; ///< All but the earliest of each origin.
    size_t one;    ///< This one; SIZE_MAX: none.
};

static bool is_left_out(const struct group *group, const struct guess *guess, size_t i)
{
    return i == guess->one || (guess->repeated && is_repeated(group, i));
}

/** @return whether the records that a guess leaves in are those of the receipt. */
static bool fits(const struct group *group, const struct guess *guess)
{
    uint8_t digest[WN_SHA256_BYTES] = { 0 };
    static const uint8_t zero[WN_SHA256_BYTES];
    uint64_t n = 0;
    for (size_t i = 0; i < group->n; i++) {
        if (!is_left_out(group, guess, i)) {
            wn_receipt_digest_add(digest, true, group->list[i].sha256);
            n++;
        }
    }
    const uint8_t *claimed = group->claim ? group->claim->digest : zero;
    return n == (group->claim ? group->claim->records : 0) &&
           memcmp(digest, claimed, sizeof(digest)) == 0;
}

/** Find a guess that fits. */
static bool find_guess(const struct group *group, uint64_t surplus, struct guess *ret_guess)
{
    *ret_guess = (struct guess){ .repeated = true, .one = SIZE_MAX };
    if (fits(group, ret_guess)) {
        return true;
    }
    ret_guess->repeated = false;
    for (size_t i = 0; surplus == 1 && group->n <= TRIED && i < group->n; i++) {
        ret_guess->one = i;
        if (fits(group, ret_guess)) {
            return true;
        }
    }
    return false;
}

/** Append up to WN_RECOUNT_NAMED records: offset of the origin, and where the message lies. */
static void name_records(const struct group *group, const struct guess *guess,
                         struct wn_buffer *text)
{
    unsigned n = 0;
    for (size_t i = 0; i < group->n; i++) {
        if (!is_left_out(group, guess, i) || n++ >= WN_RECOUNT_NAMED) {
            continue;
        }
        const struct wn_recount_found *found = &group->list[i];
        wn_buffer_format(text, "%soffset %" PRId64, n > 1 ? ", " : "", found->offset);
        if (found->index > 0) {
            wn_buffer_format(text, " index %" PRId32, found->index);
        }
        wn_buffer_format(text, " (message [%" PRId32 "]@%" PRId64 ")", found->partition, found->at);
    }
    if (n > WN_RECOUNT_NAMED) {
        wn_buffer_format(text, " and %u more", n - WN_RECOUNT_NAMED);
    }
}

static void find_in(const struct group *group, const char *what)
{
    wn_audit_find(group->recount->audit, group->recount->topic.name,
                  "receipt %" PRIu64 " of %s: %s", group->range->receipt, group->chain, what);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void judge_more(const struct group *group, uint64_t surplus)
{
    struct wn_buffer text = { 0 };
    uint64_t claimed = group->n - surplus;
    wn_buffer_format(
        &text, "%" PRIu64 " record%s more than its %" PRIu64 ", added by somebody else: ", surplus,
        plural(surplus), claimed);
    struct guess guess;
    const struct guess repeated = { .repeated = true, .one = SIZE_MAX };
    bool any = false;
    for (size_t i = 0; i < group->n; i++) {
        any = any || is_repeated(group, i);
    }
    if (find_guess(group, surplus, &guess)) {
        name_records(group, &guess, &text);
    } else if (any) {
        wn_buffer_text(&text, "these stand again, ");
        name_records(group, &repeated, &text);
        wn_buffer_text(&text, "; others were altered, too");
    } else {
        wn_buffer_format(&text, "between offsets %" PRId64 " and %" PRId64, group->list[0].offset,
                         group->list[group->n - 1].offset);
    }
    wn_buffer_add(&text, "", 1); // Its NUL.
    find_in(group, (const char *)text.at);
    wn_buffer_deinit(&text);
}

static void judge_others(const struct group *group, uint64_t claimed)
{
    char text[300];
    if (group->n < claimed) {
        snprintf(text, sizeof(text),
                 "%" PRIu64 " record%s fewer than its %" PRIu64 " between offsets %" PRId64
                 " and %" PRId64 ": removed by somebody else",
                 claimed - group->n, plural(claimed - group->n), claimed, group->range->first,
                 group->range->last);
    } else {
        snprintf(text, sizeof(text),
                 "as many records as it says (%" PRIu64
                 "), but not the same between offsets %" PRId64 " and %" PRId64
                 ": altered by somebody else",
                 claimed, group->range->first, group->range->last);
    }
    find_in(group, text);
}

/** What aged out: one note a chain. */
struct aged {
    const char *chain;
    uint64_t first, last, n;
};

static void end_aged(const struct wn_recount *recount, const struct wn_recount_age *age,
                     struct aged *aged, struct wn_buffer *notes)
{
    if (aged->n > 0) {
        wn_buffer_format(notes,
                         "%s: %" PRIu64 " receipt%s of %s (%" PRIu64 " to %" PRIu64
                         "): not checked, aged out: partition %" PRId32 " begins at offset %" PRId64
                         "\n",
                         recount->topic.name, aged->n, plural(aged->n), aged->chain, aged->first,
                         aged->last, age->partition, age->low);
    }
    *aged = (struct aged){ .n = 0 };
}

static void note_aged(const struct group *group, const struct wn_recount_age *age,
                      struct aged *aged, struct wn_buffer *notes)
{
    if (aged->n > 0 && strcmp(aged->chain, group->chain) != 0) {
        end_aged(group->recount, age, aged, notes);
    }
    if (aged->n++ == 0) {
        aged->chain = group->chain;
        aged->first = group->range->receipt;
    }
    aged->last = group->range->receipt;
}

static void judge(const struct group *group, const struct wn_recount_age *age, struct aged *aged,
                  struct wn_buffer *notes)
{
    const struct guess all = { .repeated = false, .one = SIZE_MAX };
    uint64_t claimed = group->claim ? group->claim->records : 0;
    bool may_be_gone = age->trimmed && group->range->since_ms <= age->reaches_ms;
    if (fits(group, &all)) {
        return;
    }
    if (group->n > claimed) {
        judge_more(group, group->n - claimed);
    } else if (group->n < claimed && may_be_gone) {
        note_aged(group, age, aged, notes);
    } else {
        judge_others(group, claimed);
    }
}

/** Walk claims and records side by side; both stand in the order of the ranges. */
static void compare(struct wn_recount *recount, const struct wn_recount_age *age,
                    struct wn_buffer *notes)
{
    struct aged aged = { .n = 0 };
    size_t claim = 0;
    size_t at = 0;
    for (size_t range = 0; range < recount->n_ranges; range++) {
        while (claim < recount->n_claims &&
               (recount->claims[claim].range < range ||
                (recount->claims[claim].range == range &&
                 strcmp(recount->claims[claim].topic, recount->topic.name) != 0))) {
            claim++;
        }
        size_t from = at;
        while (at < recount->n_found && recount->found[at].range == range) {
            at++;
        }
        const struct wn_recount_range *is = &recount->ranges[range].is;
        struct group group = {
            recount, is, recount->flows[is->chain].is.name, recount->found + from, at - from, NULL
        };
        if (claim < recount->n_claims && recount->claims[claim].range == range) {
            group.claim = &recount->claims[claim];
        }
        if (is->wanted && (group.claim || group.n > 0)) {
            judge(&group, age, &aged, notes);
        }
    }
    end_aged(recount, age, &aged, notes);
}

/** Add up what all receipts say of the topic at hand. @return their records. */
static uint64_t claimed_sum(const struct wn_recount *recount, uint8_t ret_sum[WN_SHA256_BYTES])
{
    uint64_t records = 0;
    memset(ret_sum, 0, WN_SHA256_BYTES);
    for (size_t i = 0; i < recount->n_claims; i++) {
        const struct wn_recount_claim *claim = &recount->claims[i];
        if (strcmp(claim->topic, recount->topic.name) == 0) {
            wn_receipt_digest_add(ret_sum, false, claim->digest);
            records += claim->records;
        }
    }
    return records;
}

static void compare_sum(struct wn_recount *recount, const struct wn_recount_age *age,
                        struct wn_buffer *notes)
{
    uint8_t sum[WN_SHA256_BYTES];
    const uint64_t claimed = claimed_sum(recount, sum);
    const uint64_t n = recount->n_summed;
    const char *name = recount->topic.name;
    if (n == claimed && memcmp(sum, recount->sum, sizeof(sum)) == 0) {
        return;
    }
    if (age->unsettled) {
        wn_buffer_format(notes, "%s: not checked: %s\n", name, age->unsettled);
    } else if (age->trimmed && n <= claimed) {
        wn_buffer_format(notes,
                         "%s: not checked, aged out: partition %" PRId32
                         " begins at offset %" PRId64 ", and its records carry no origin\n",
                         name, age->partition, age->low);
    } else if (n > claimed) {
        wn_audit_find(recount->audit, name,
                      "%" PRIu64 " record%s more than the %" PRIu64
                      " of all receipts: added by somebody else",
                      n - claimed, plural(n - claimed), claimed);
    } else if (n < claimed) {
        wn_audit_find(recount->audit, name,
                      "%" PRIu64 " record%s fewer than the %" PRIu64
                      " of all receipts: removed by somebody else",
                      claimed - n, plural(claimed - n), claimed);
    } else {
        wn_audit_find(recount->audit, name,
                      "as many records as all receipts say (%" PRIu64
                      "), but not the same: altered by somebody else",
                      claimed);
    }
}

static void say_rest(const struct wn_recount *recount, uint64_t n, const char *what)
{
    if (n > WN_RECOUNT_NAMED) {
        wn_audit_find(recount->audit, recount->topic.name, "%" PRIu64 " more messages %s",
                      n - WN_RECOUNT_NAMED, what);
    }
}

void wn_recount_finish(struct wn_recount *recount, const struct wn_recount_age *age,
                       struct wn_buffer *ret_notes)
{
    say_rest(recount, recount->n_foreign, "that winnow did not write");
    say_rest(recount, recount->n_unknown, "that no receipt accounts for");
    if (recount->n_elsewhere > 0) {
        wn_buffer_format(ret_notes,
                         "%s: %" PRIu64
                         " records of inputs that this configuration does not name, behind their "
                         "last receipt: not checked\n",
                         recount->topic.name, recount->n_elsewhere);
    }
    if (!recount->topic.ordered) {
        compare_sum(recount, age, ret_notes);
        return;
    }
    if (recount->n_found > 0) {
        qsort(recount->found, recount->n_found, sizeof(*recount->found), by_origin);
    }
    compare(recount, age, ret_notes);
}
