// SPDX-License-Identifier: Apache-2.0

#include "replays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winnow/memory.h"

static bool has(struct wn_slice text, const char *word)
{
    const char *at = text.at;
    while (at && text.len > 0 && !wn_slice_starts(text, word)) {
        at = memchr(text.at + 1, word[0], text.len - 1);
        text = wn_slice_after(text, at ? (size_t)(at - text.at) : text.len);
    }
    return text.len > 0;
}

bool wn_replays_may_be(struct wn_slice text)
{
    static const char replay[] = "\"kind\":\"replay\"";
    static const char anew[] = "\"input-recreated\"";
    return has(text, replay) || has(text, anew);
}

/** @return the number of a topic, or `n_inputs`: it is not known. */
static unsigned find_input(const struct wn_replays *replays, struct wn_slice topic)
{
    unsigned i = 0;
    while (i < replays->n_inputs && !wn_slice_is(topic, replays->inputs[i])) {
        i++;
    }
    return i;
}

static unsigned have_input(struct wn_replays *replays, const char *topic)
{
    const unsigned i = find_input(replays, wn_slice_of(topic));
    if (i == replays->n_inputs) {
        replays->inputs = wn_grow(replays->inputs, (size_t)i + 1, sizeof(*replays->inputs));
        (void)snprintf(replays->inputs[i], sizeof(replays->inputs[i]), "%s", topic);
        replays->n_inputs++;
    }
    return i;
}

static void push(struct wn_replayed **list, size_t *n, size_t *room,
                 const struct wn_replayed *replayed)
{
    if (*n == *room) {
        *room = *room > 0 ? 2 * *room : 64;
        *list = wn_grow(*list, *room, sizeof(**list));
    }
    (*list)[(*n)++] = *replayed;
}

void wn_replays_take(struct wn_replays *replays, const struct wn_receipt *receipt)
{
    const struct wn_receipt_event *event = &receipt->event;
    const bool replay = event->kind && strcmp(event->kind, "replay") == 0;
    const bool anew = event->kind && strcmp(event->kind, "break") == 0 && event->refers &&
                      strcmp(event->refers, "input-recreated") == 0;
    for (unsigned i = 0; (replay || anew) && i < receipt->n_inputs; i++) {
        const struct wn_receipt_input *input = &receipt->inputs[i];
        if (!input->topic || (replay && !input->is_one)) {
            continue;
        }
        const struct wn_replayed at = { have_input(replays, input->topic), input->partition,
                                        input->index, input->first_offset,
                                        (int64_t)receipt->number };
        if (replay) {
            push(&replays->list, &replays->n, &replays->room, &at);
            replays->sorted = false;
        } else {
            push(&replays->anew, &replays->n_anew, &replays->anew_room, &at);
        }
    }
}

static int by_record(const void *left, const void *right)
{
    const struct wn_replayed *a = left;
    const struct wn_replayed *b = right;
    const int64_t pairs[][2] = { { a->input, b->input },
                                 { a->partition, b->partition },
                                 { a->offset, b->offset },
                                 { a->index, b->index },
                                 { a->receipt, b->receipt } };
    int order = 0;
    for (size_t i = 0; i < WN_COUNT(pairs) && order == 0; i++) {
        order = (pairs[i][0] > pairs[i][1]) - (pairs[i][0] < pairs[i][1]);
    }
    return order;
}

bool wn_replays_has(struct wn_replays *replays, const struct wn_envelope *envelope)
{
    const struct wn_origin *origin = &envelope->origin;
    // The first receipt behind the envelope's own that could name it.
    const struct wn_replayed wanted = { find_input(replays, origin->input), origin->partition,
                                        origin->index, origin->offset, envelope->receipt + 1 };
    if (!replays->sorted && replays->n > 0) {
        qsort(replays->list, replays->n, sizeof(*replays->list), by_record);
        replays->sorted = true;
    }
    size_t low = 0;
    size_t high = replays->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bool before = by_record(&replays->list[middle], &wanted) < 0;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    const struct wn_replayed *at = low < replays->n ? &replays->list[low] : NULL;
    return at && at->input == wanted.input && at->partition == wanted.partition &&
           at->offset == wanted.offset && at->index == wanted.index;
}

bool wn_replays_made_anew(const struct wn_replays *replays, const struct wn_envelope *envelope)
{
    const unsigned input = find_input(replays, envelope->origin.input);
    for (size_t i = 0; i < replays->n_anew; i++) {
        const struct wn_replayed *at = &replays->anew[i];
        if (at->input == input && at->partition == envelope->origin.partition &&
            at->receipt > envelope->receipt) {
            return true;
        }
    }
    return false;
}

void wn_replays_deinit(struct wn_replays *replays)
{
    free(replays->inputs);
    free(replays->list);
    free(replays->anew);
    *replays = (struct wn_replays){ .n = 0 };
}
