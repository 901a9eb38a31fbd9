// SPDX-License-Identifier: Apache-2.0

/**
 * The state against a naive model, over random operations; and long batches that spill.
 *
 * Few fingerprints, few days and few extras, so that entries meet; each operation is followed by a
 * search.
 */

#include "entries.h"

enum {
    OPERATIONS = 100000,
    NUMBERS = 400,
    DAYS = 60,
    EXTRAS = 3,
    MODEL = 32768
};

struct model_entry {
    uint64_t number;
    uint32_t extra;
    int32_t day;
    enum {
        GONE,
        STAGED,
        COMMITTED,
        NAMED
    } standing;
};

/** All entries in a list. */
struct model {
    struct model_entry entries[MODEL];
    size_t n;
    int32_t newest, staged_newest, named_newest; ///< 0: none.
    int64_t sequence;
};

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33) % below;
}

static void model_stage(struct model *model, int32_t day, uint64_t number, uint32_t extra)
{
    assert_true(model->n < MODEL);
    model->entries[model->n++] = (struct model_entry){ number, extra, day, STAGED };
    model->staged_newest = larger(model->staged_newest, day);
}

/** Turn all entries of one standing into another, and squeeze out what is gone or out of the
 * window. */
static void model_turn(struct model *model, int from, int to)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n; i++) {
        struct model_entry entry = model->entries[i];
        entry.standing = (int)entry.standing == from ? (unsigned)to : entry.standing;
        bool old = entry.standing == NAMED && entry.day < model->named_newest - WINDOW;
        if (entry.standing != GONE && !old) {
            model->entries[n++] = entry;
        }
    }
    model->n = n;
}

static bool is_repeated(const struct model *model, size_t place, int32_t from)
{
    const struct model_entry *entry = &model->entries[place];
    for (size_t i = 0; i < place; i++) {
        const struct model_entry *other = &model->entries[i];
        if (other->number == entry->number && other->extra == entry->extra &&
            other->day == entry->day && other->day >= from) {
            return true;
        }
    }
    return false;
}

/** Search both; the same set must come out. */
static void compare(const struct model *model, const struct wn_state *state, uint64_t number,
                    int32_t first_day)
{
    struct wn_found found[DAYS * EXTRAS + 1];
    struct wn_entry entry = entry_from(number, 0);
    size_t n = wn_state_find(state, entry.fingerprint, first_day, found, WN_COUNT(found));
    int32_t from = larger(first_day, larger(model->newest, model->staged_newest) - WINDOW);
    size_t expected = 0;
    for (size_t i = 0; i < model->n; i++) {
        const struct model_entry *other = &model->entries[i];
        if (other->number != number || other->day < from || is_repeated(model, i, from)) {
            continue;
        }
        expected++;
        bool there = false;
        for (size_t k = 0; k < n; k++) {
            there = there || (found[k].extra == other->extra && found[k].day == other->day);
        }
        assert_true(there);
    }
    assert_int_equal(n, expected);
}

static void flush_both(struct model *model, struct wn_state *state, bool staged)
{
    model->sequence++;
    flush(state, staged, model->sequence);
    publish(state);
    if (staged) {
        model->newest = larger(model->newest, model->staged_newest);
        model->staged_newest = 0;
    }
    model->named_newest = model->newest;
    if (staged) {
        model_turn(model, STAGED, NAMED);
    }
    model_turn(model, COMMITTED, NAMED);
}

/** Stop and start: what was not flushed is lost. */
static struct wn_state *restart(struct model *model, struct wn_state *state, const char *folder)
{
    wn_state_close(state);
    recover(folder, model->sequence);
    model_turn(model, STAGED, GONE);
    model_turn(model, COMMITTED, GONE);
    model->staged_newest = 0;
    model->newest = model->named_newest;
    return open_state(folder);
}

/** What was drawn for one operation. */
struct drawn {
    uint32_t choice;
    int32_t day;
    uint64_t number;
    uint32_t extra;
};

static struct wn_state *step(struct model *model, struct wn_state *state, const char *folder,
                             const struct drawn *drawn)
{
    uint32_t choice = drawn->choice;
    if (choice < 900 || choice >= 992) {
        stage(state, drawn->day, drawn->number, drawn->extra);
        model_stage(model, drawn->day, drawn->number, drawn->extra);
    } else if (choice < 965) {
        wn_state_commit(state);
        model->newest = larger(model->newest, model->staged_newest);
        model->staged_newest = 0;
        model_turn(model, STAGED, COMMITTED);
    } else if (choice < 985) {
        wn_state_abort(state);
        model->staged_newest = 0;
        model_turn(model, STAGED, GONE);
    } else if (choice < 988) {
        flush_both(model, state, true);
    } else if (choice < 990) {
        flush_both(model, state, false);
    } else {
        return restart(model, state, folder);
    }
    return state;
}

static void agrees_with_the_model(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH];
    scratch_make(folder);
    struct model *model = calloc(1, sizeof(*model));
    assert_non_null(model);
    struct wn_state *state = open_state(folder);
    uint64_t seed = 20261124;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        struct drawn drawn = { .choice = draw(&seed, 1000) };
        // Days move on slowly, so that the window drops some.
        int32_t day = DAY + (int32_t)(i * DAYS / OPERATIONS) - (int32_t)draw(&seed, 8) * 5;
        drawn.day = day;
        drawn.number = draw(&seed, NUMBERS);
        drawn.extra = draw(&seed, EXTRAS);
        state = step(model, state, folder, &drawn);
        if (i % 4 == 0) {
            compare(model, state, draw(&seed, NUMBERS), day - 10 + (int32_t)draw(&seed, 20));
        }
    }
    wn_state_close(state);
    free(model);
    scratch_remove(folder);
}

enum {
    LONG_BATCH = 1200000,
    SPILL = 256 * 1024
};

static void stage_long(struct wn_state *state, uint64_t first)
{
    for (uint64_t i = 0; i < LONG_BATCH; i++) {
        stage(state, DAY - (int32_t)(i % 2), first + i, (uint32_t)i);
    }
    assert_int_equal(wn_state_staged(state), LONG_BATCH);
    assert_in_range(wn_state_held(state), 0, SPILL);
}

static void expect_all(const struct wn_state *state, uint64_t first, size_t each)
{
    for (uint64_t i = 0; i < LONG_BATCH; i += 61) {
        assert_int_equal(find(state, first + i), each);
    }
}

static enum wn_code count_entries(void *context, struct wn_slice bytes, struct wn_error *err)
{
    size_t *n = context;
    (void)err;
    *n += bytes.len / 16; // A message's and a group's head are 9 octets: less than an entry.
    return WN_OK;
}

static void long_batch_spills(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 256];
    scratch_make(folder);
    struct wn_state *state = open_state(folder);
    stage(state, DAY, 5, 1);
    flush(state, true, 1);
    publish(state);

    stage_long(state, 1000);
    assert_in_range(scratch_count(folder, ".run", path), 3, 17);
    expect_all(state, 1000, 1);
    assert_int_equal(find(state, 999), 0);
    size_t n = 0;
    struct wn_error err;
    assert_int_equal(wn_state_each_message(state, 1 << 20, count_entries, &n, &err), WN_OK);
    assert_in_range(n, LONG_BATCH, LONG_BATCH + 64);

    wn_state_abort(state);
    assert_int_equal(scratch_count(folder, ".run", path), 1);
    expect_all(state, 1000, 0);
    assert_int_equal(find(state, 5), 1);

    stage_long(state, 1000);
    flush(state, true, 2);
    publish(state);
    wn_state_close(state);
    state = open_state(folder);
    expect_all(state, 1000, 1);

    stage_long(state, 5000000);
    wn_state_close(state); // As a crash: not flushed.
    assert_in_range(scratch_count(folder, ".run", path), 3, 17);
    state = open_state(folder);
    expect_all(state, 1000, 1);
    expect_all(state, 5000000, 0);
    wn_state_close(state);
    scratch_remove(folder);
}

static void committed_spill_counts(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 256];
    scratch_make(folder);
    struct wn_state *state = open_state(folder);
    stage_long(state, 0);
    wn_state_commit(state);
    stage(state, DAY, 77777777, 1);
    wn_state_abort(state);
    expect_all(state, 0, 1);
    flush(state, false, 1);
    publish(state);
    wn_state_close(state);
    state = open_state(folder);
    expect_all(state, 0, 1);
    // A batch that moves the window past a spill takes it out of the set.
    stage_long(state, 3000000);
    stage(state, DAY + WINDOW + 1, 1, 1);
    flush(state, true, 2);
    publish(state);
    assert_int_equal(scratch_count(folder, ".run", path), 1);
    assert_int_equal(wn_state_staged(state), 0);
    wn_state_abort(state);
    assert_int_equal(scratch_count(folder, ".run", path), 1);
    wn_state_close(state);
    scratch_remove(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_model),
        cmocka_unit_test(long_batch_spills),
        cmocka_unit_test(committed_spill_counts),
    };
    return cmocka_run_group_tests_name("state against a model", tests, NULL, NULL);
}
