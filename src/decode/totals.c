// SPDX-License-Identifier: Apache-2.0

/*
 * What an input says of itself, and what is found in it.
 *
 *     part   ─ from, as ──► declared     a header or trailer: format's is_part()
 *     octets ─────────────► octets       all that were passed
 *     record ─────────────► records      every one that was cut off, whatever its fate
 *            └ from, as ──► sums         of those that could be taken apart
 *
 * Sums are read from the raw names and not from fields, so that a record which is quarantined for
 * another field still counts. A value that can't be read adds nothing: it shows as missing.
 */

#include "plan.h"

/** Add; more than 63 bits stay at the largest number. */
static void add(int64_t *into, int64_t more)
{
    if (__builtin_add_overflow(*into, more, into)) {
        *into = more > 0 ? INT64_MAX : INT64_MIN;
    }
}

void wn_totals_begin(struct wn_totals *totals, const struct wn_source_plan *plan)
{
    totals->begun = true;
    for (unsigned i = 0; i < plan->n_totals; i++) {
        totals->list[i] = (struct wn_declared){ .name = plan->totals[i].name,
                                                .required = plan->totals[i].required };
    }
}

void wn_totals_count(struct wn_totals *totals, const struct wn_source_plan *plan)
{
    for (unsigned i = 0; i < plan->n_totals; i++) {
        totals->list[i].found += plan->totals[i].what == WN_FOUND_RECORDS ? 1 : 0;
    }
}

void wn_totals_pass(struct wn_totals *totals, const struct wn_source_plan *plan, size_t n)
{
    for (unsigned i = 0; i < plan->n_totals; i++) {
        if (plan->totals[i].what == WN_FOUND_OCTETS) {
            add(&totals->list[i].found, (int64_t)n);
        }
    }
}

/** Read a term of what was taken. @return WN_OK (also where it is absent), or WN_REJECT. */
static enum wn_code read_term(struct wn_totals *totals, const struct wn_source_plan *plan,
                              const struct wn_decoded *decoded, const struct wn_term *term,
                              struct wn_read *ret_read)
{
    struct wn_error unused; // The difference is what is said.
    struct wn_fill fill = {
        .plan = plan,
        .scope = wn_scope_of(decoded),
        .arena = &totals->arena,
    };
    wn_arena_reset(&totals->arena);
    return wn_fill_term(&fill, term, ret_read, &unused);
}

void wn_totals_sum(struct wn_totals *totals, const struct wn_source_plan *plan,
                   const struct wn_decoded *decoded)
{
    for (unsigned i = 0; i < plan->n_totals; i++) {
        struct wn_read read;
        if (plan->totals[i].what == WN_FOUND_SUM &&
            read_term(totals, plan, decoded, &plan->totals[i].found, &read) == WN_OK &&
            read.present) {
            add(&totals->list[i].found, read.value.number);
        }
    }
}

/** @return whether the part at hand is one that this total is read from. */
static bool is_of_part(const struct wn_total *total, const struct wn_taken_set *taken)
{
    for (unsigned i = 0; i < total->declared.from.n_paths; i++) {
        if (taken->top[total->declared.from.paths[i].take].state != WN_TAKEN_ABSENT) {
            return true;
        }
    }
    return false;
}

/** Read what a part declares of one total. */
static void declare(struct wn_totals *totals, const struct wn_decoded *decoded, unsigned i)
{
    const struct wn_source_plan *plan = decoded->source->plan;
    struct wn_declared *declared = &totals->list[i];
    struct wn_read read;
    if (read_term(totals, plan, decoded, &plan->totals[i].declared, &read) != WN_OK) {
        declared->unreadable = true;
    } else if (read.present) {
        add(&declared->declared, read.value.number);
        declared->n++;
    }
}

void wn_totals_declare(struct wn_totals *totals, const struct wn_source *source,
                       const struct wn_taken_set *taken)
{
    struct wn_decoded decoded = { .source = source,
                                  .record = { .shape = source->sections[0].shape } };
    for (unsigned i = 0; i < source->plan->n_totals; i++) {
        if (!taken) {
            totals->list[i].unreadable = true;
        } else if (is_of_part(&source->plan->totals[i], taken)) {
            decoded.taken = *taken;
            declare(totals, &decoded, i);
        }
    }
}
