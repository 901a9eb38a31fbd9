// SPDX-License-Identifier: Apache-2.0

/**
 * Our encoder against avro-c's generic one, over the same calls for billing, both in one run, in
 * turn, both with the pseudonym ready made; and what the whole of minimise costs. The calls are
 * what one FreeSWITCH gives: always the same fields, numbers and times that differ, one in sixteen
 * with a withheld caller, one in eight to a short code.
 *
 * avro-c has every value ready made and a value object that it uses again; its fields are set by
 * name, as its documentation has it, and once more by index, the best that can be done with it.
 * Ours starts at the decoded record and transforms as it writes. The texts of
 * both lie one behind the other. Goal: 15 times by name.
 */

#include <stdlib.h>

#include <avro.h>

#include "avro_reference.h"
#include "bench.h"
#include "keyring_double.h"
#include "minimiser.h"
#include "random_record.h"

enum {
    RECORDS = 500,
    ROUNDS = 20,
    PAIRS = 101,
    MOST_OPS = 64,
    MOST_BYTES = 4096
};

/** One value to be set. */
struct op {
    size_t field;
    const char *name; ///< Of the field.
    int member; ///< Of the record at `field`; APPEND: a new element of the array; WHOLE: itself.
    int branch; ///< Of the union; -1: there is none.
    avro_type_t type;
    int64_t number;
    char *bytes;
    size_t len;
};

enum {
    WHOLE = -1,
    APPEND = -2
};

/** A call, as decoded and as values to be set. */
struct job {
    struct wn_record record;
    struct op ops[MOST_OPS];
    unsigned n_ops;
    size_t bytes; ///< Its length in Avro.
};

// NOLINTBEGIN(clang-analyzer-core.NullDereference): avro-c's getters fail only on another type than
// the schema's; the analyzer does not follow what they fill in.

/** Write down how to set one value that is set already. */
static void note(struct job *job, struct op where, avro_value_t value, struct wn_arena *arena)
{
    struct op *op = &job->ops[job->n_ops++];
    struct wn_slice bytes = { 0 };
    const void *fixed = NULL;
    int number = 0;

    assert(job->n_ops <= MOST_OPS);
    *op = where;
    op->branch = -1;
    if (avro_value_get_type(&value) == AVRO_UNION) {
        avro_value_get_discriminant(&value, &op->branch);
        avro_value_get_current_branch(&value, &value);
    }
    op->type = avro_value_get_type(&value);
    if (op->type == AVRO_STRING) {
        avro_value_get_string(&value, &bytes.at, &bytes.len);
    } else if (op->type == AVRO_FIXED) {
        avro_value_get_fixed(&value, &fixed, &bytes.len);
        bytes.at = fixed;
    } else if (op->type == AVRO_INT64) {
        avro_value_get_long(&value, &op->number);
    } else if (op->type == AVRO_INT32) {
        avro_value_get_int(&value, &number);
    } else if (op->type == AVRO_BOOLEAN) {
        avro_value_get_boolean(&value, &number);
    } else if (op->type == AVRO_ENUM) {
        avro_value_get_enum(&value, &number);
    }
    op->number += number;
    op->len = bytes.len;
    op->bytes = wn_arena_take(arena, op->len + 1);
    memcpy(op->bytes, op->len > 0 ? bytes.at : "", op->len);
}

/** Write down all values of a record. */
static void note_all(struct job *job, const avro_value_t *record, struct wn_arena *arena)
{
    size_t fields = 0;
    avro_value_get_size(record, &fields);
    for (size_t i = 0; i < fields; i++) {
        avro_value_t field = { 0 };
        const char *name = NULL; // The schema's.
        avro_value_get_by_index(record, i, &field, &name);
        const avro_type_t type = avro_value_get_type(&field);
        if (type != AVRO_RECORD && type != AVRO_ARRAY) {
            note(job, (struct op){ .field = i, .name = name, .member = WHOLE }, field, arena);
            continue;
        }
        size_t members = 0;
        avro_value_get_size(&field, &members);
        for (size_t m = 0; m < members; m++) {
            avro_value_t member = { 0 };
            avro_value_get_by_index(&field, m, &member, NULL);
            const int at = type == AVRO_RECORD ? (int)m : APPEND;
            note(job, (struct op){ .field = i, .name = name, .member = at }, member, arena);
        }
    }
}

/** Do one of them. */
static int set(const avro_value_t *record, const struct op *op, bool by_name)
{
    avro_value_t field;
    avro_value_t at;
    int rc = by_name ? avro_value_get_by_name(record, op->name, &field, NULL)
                     : avro_value_get_by_index(record, op->field, &field, NULL);

    if (op->member == APPEND) {
        rc |= avro_value_append(&field, &at, NULL);
    } else if (op->member != WHOLE) {
        rc |= avro_value_get_by_index(&field, (size_t)op->member, &at, NULL);
    } else {
        at = field;
    }
    if (op->branch >= 0) {
        rc |= avro_value_set_branch(&at, op->branch, &at);
    }
    switch ((int)op->type) {
    case AVRO_STRING:
        return rc | avro_value_set_string_len(&at, op->bytes, op->len);
    case AVRO_FIXED:
        return rc | avro_value_set_fixed(&at, op->bytes, op->len);
    case AVRO_INT64:
        return rc | avro_value_set_long(&at, op->number);
    case AVRO_INT32:
        return rc | avro_value_set_int(&at, (int32_t)op->number);
    case AVRO_BOOLEAN:
        return rc | avro_value_set_boolean(&at, (int)op->number);
    case AVRO_ENUM:
        return rc | avro_value_set_enum(&at, (int)op->number);
    default:
        return rc | avro_value_set_null(&at);
    }
}

// NOLINTEND(clang-analyzer-core.NullDereference)

static void run_theirs(const struct job *jobs, avro_value_t *value, bool by_name)
{
    static char bytes[MOST_BYTES];
    avro_writer_t writer = avro_writer_memory(bytes, sizeof(bytes));

    for (unsigned n = 0; n < ROUNDS * RECORDS; n++) {
        const struct job *job = &jobs[n % RECORDS];
        int rc = avro_value_reset(value);
        for (unsigned i = 0; i < job->n_ops; i++) {
            rc |= set(value, &job->ops[i], by_name);
        }
        avro_writer_reset(writer);
        rc |= avro_value_write(writer, value);
        if (rc != 0 || (size_t)avro_writer_tell(writer) != job->bytes) {
            abort();
        }
    }
    avro_writer_free(writer);
}

/** The encoder alone, with the subscriber's pseudonym ready made as avro-c has it. */
static void run_ours(const struct job *jobs, struct wn_minimiser *minimiser,
                     const struct wn_purpose *purpose)
{
    static const uint8_t subscriber[16] = { 1 };
    static const uint8_t key_id[8] = { 1 };
    const struct wn_ready ready = { .key_id = key_id, .subscriber = subscriber };
    struct wn_buffer out = { 0 };

    for (unsigned n = 0; n < ROUNDS * RECORDS; n++) {
        const struct job *job = &jobs[n % RECORDS];
        out.len = 0;
        if (!wn_encode(minimiser, purpose, &job->record, &ready, &out) || out.len != job->bytes) {
            abort();
        }
    }
    wn_buffer_deinit(&out);
}

/** All that the pipeline has it do: check, pseudonym from a warm cache, encode. */
static void run_whole(const struct job *jobs, struct wn_minimiser *minimiser,
                      const struct wn_purpose *purpose)
{
    struct wn_buffer out = { 0 };
    struct wn_error err = { 0 };
    uint8_t subscriber[16];

    for (unsigned n = 0; n < ROUNDS * RECORDS; n++) {
        const struct job *job = &jobs[n % RECORDS];
        out.len = 0;
        if (wn_minimise_check(purpose, &job->record, &err) != WN_OK ||
            wn_minimise(minimiser, purpose, &job->record, 0, &out, subscriber) !=
                WN_MINIMISED_OUT ||
            out.len != job->bytes) {
            abort();
        }
    }
    wn_buffer_deinit(&out);
}

/** Let a field have a number. */
static void give(struct wn_record *record, const char *name, int64_t number)
{
    const uint8_t slot = wn_shape_find(record->shape, wn_slice_of(name));
    assert(slot != WN_NO_SLOT);
    record->values[slot] = (struct wn_value){ .number = number };
    record->present |= UINT64_C(1) << slot;
}

/** Let a field have a text. */
static struct wn_value *give_text(struct wn_record *record, const char *name, struct wn_slice text)
{
    const uint8_t slot = wn_shape_find(record->shape, wn_slice_of(name));
    assert(slot != WN_NO_SLOT);
    record->values[slot] = (struct wn_value){ .text = text };
    record->present |= UINT64_C(1) << slot;
    return &record->values[slot];
}

/** A party's number: mobile in E.164, or what `what` says. */
static void give_party(struct random_record *random, const char *name, enum wn_number_class class)
{
    struct wn_record *record = &random->record;
    struct wn_slice text = random_text(random, "316", "0123456789", 8);
    if (class != WN_NUMBER_MOBILE) {
        text.len = class == WN_NUMBER_SHORT ? 4 : 0;
    }
    struct wn_value *value = give_text(record, name, text);
    value->class = (uint8_t) class;
    value->marks = class == WN_NUMBER_MOBILE     ? WN_MARK_E164
                   : class == WN_NUMBER_WITHHELD ? WN_MARK_WITHHELD
                                                 : 0;
}

/** The call with this number. */
static void make_call(struct random_record *random, const struct wn_shape *shape, unsigned n)
{
    struct wn_record *record = &random->record;
    const int64_t duration_ms = 5000 + (int64_t)random_below(random, 600000);

    random_record(random, shape); // Ids and the subscriber stay; the fields are given anew.
    random->n_texts = 10;
    record->present = 0;
    give_text(record, "account", random_text(random, "cust-", "0123456789", 6));
    give(record, "final", 1);
    give(record, "incomplete", 0);
    give(record, "start", INT64_C(1795514400000) + (int64_t)random_below(random, 86400000));
    give(record, "duration", duration_ms);
    give(record, "billable", duration_ms / 1000);
    give(record, "direction", n % 2);
    give(record, "service", 0);
    give(record, "cause", 0);
    give_party(random, "called", n % 8 == 1 ? WN_NUMBER_SHORT : WN_NUMBER_MOBILE);
    give_party(random, "calling", n % 16 == 3 ? WN_NUMBER_WITHHELD : WN_NUMBER_MOBILE);
    give_text(record, "trunk", wn_slice_of("carrier-a"));
    record->node = wn_slice_of("sw1.example");
    record->source = wn_slice_of("freeswitch-json");
    record->subscriber_kind = WN_KIND_ACCOUNT;
    record->subscriber = random_text(random, "cust-", "0123456789", 6);
    record->flags = 0;
    record->has_session = false;
}

/** Make the calls; their texts lie one behind the other, as avro-c's values do. */
static void prepare(struct job *jobs, const struct wn_type *type, struct avro_reference *reference,
                    struct wn_arena *arena)
{
    static char bytes[MOST_BYTES];
    static struct random_record random;

    for (unsigned i = 0; i < RECORDS; i++) {
        struct wn_record *record = &jobs[i].record;
        random.state = UINT64_C(88172645463325252) + i;
        make_call(&random, &type->shape, i);
        avro_reference_set(reference, &random.record);
        jobs[i].bytes = avro_reference_write(reference, bytes, sizeof(bytes));
        note_all(&jobs[i], &reference->value, arena);
        *record = random.record;
        record->subscriber = wn_arena_copy(arena, record->subscriber);
        record->node = wn_arena_copy(arena, record->node);
        record->source = wn_arena_copy(arena, record->source);
        record->origin.input = wn_arena_copy(arena, record->origin.input);
        for (unsigned slot = 0; slot < WN_SLOTS; slot++) {
            if (wn_record_has(record, (uint8_t)slot)) {
                record->values[slot].text = wn_arena_copy(arena, record->values[slot].text);
            }
        }
    }
}

/** What runs in turn. */
enum way {
    OURS,
    WHOLE_OF_OURS,
    BY_NAME,
    BY_INDEX,
    WAYS
};

/** Run every way in turn, many times. @return the CPU time a call [ns] of each. */
static void measure(const struct job *jobs, struct wn_minimiser *minimiser,
                    const struct wn_purpose *purpose, avro_value_t *value,
                    struct bench_series ret_ns[WAYS])
{
    for (unsigned turn = 0; turn < PAIRS; turn++) {
        for (int way = 0; way < WAYS; way++) {
            const double begin_s = bench_cpu_s();
            if (way == OURS) {
                run_ours(jobs, minimiser, purpose);
            } else if (way == WHOLE_OF_OURS) {
                run_whole(jobs, minimiser, purpose);
            } else {
                run_theirs(jobs, value, way == BY_NAME);
            }
            bench_add(&ret_ns[way], (bench_cpu_s() - begin_s) * 1e9 / (ROUNDS * RECORDS));
        }
    }
}

/** Print median and best of one way. */
static void print_ns(const char *name, const struct bench_series *ns, const char *what)
{
    char words[128];
    snprintf(words, sizeof(words), "CPU a call for billing: %s; median of %u, best %.2f", what,
             ns->n, bench_quantile(ns, 0));
    bench_print(name, bench_quantile(ns, 0.5), "ns", words);
}

/** Print how many times ours goes into theirs: median of the pairs, and best against best. */
static void print_ratio(const char *name, const struct bench_series *theirs,
                        const struct bench_series *ours, const char *what)
{
    struct bench_series ratios = { 0 };
    char words[128];

    for (unsigned i = 0; i < ours->n; i++) {
        bench_add(&ratios, theirs->values[i] / ours->values[i]);
    }
    snprintf(words, sizeof(words), "%s over our encode; median of %u pairs, best/best %.2f", what,
             ratios.n, bench_quantile(theirs, 0) / bench_quantile(ours, 0));
    bench_print(name, bench_quantile(&ratios, 0.5), "x", words);
}

static int run(const struct wn_policy *policy)
{
    static struct bench_series ns[WAYS];
    const struct wn_type *type = wn_policy_type(policy, "call");
    const struct wn_purpose *purpose = wn_type_purpose(type, "billing");
    struct wn_keyring keyring = { 0 };
    struct wn_minimiser *minimiser = NULL;
    struct wn_error err = { 0 };
    struct wn_arena arena = { 0 };
    struct job *jobs = calloc(RECORDS, sizeof(*jobs));
    struct avro_reference reference;

    if (!jobs || wn_minimiser_open(&keyring, 4096, &minimiser, &err) != WN_OK) {
        fprintf(stderr, "bench_encode: %s\n", err.text);
        free(jobs);
        return 1;
    }
    avro_reference_init(&reference, &keyring, purpose, 0);
    prepare(jobs, type, &reference, &arena);
    measure(jobs, minimiser, purpose, &reference.value, ns);
    print_ns("encode_ours", &ns[OURS], "encode");
    print_ns("encode_whole", &ns[WHOLE_OF_OURS], "check, pseudonym from the cache, encode");
    print_ns("encode_avro_c", &ns[BY_NAME], "avro-c's generic set by name, and write");
    print_ns("encode_avro_c_index", &ns[BY_INDEX], "the same, set by index");
    print_ratio("encode_ratio_index", &ns[BY_INDEX], &ns[OURS], "avro-c's set by index and write");
    print_ratio("encode_ratio", &ns[BY_NAME], &ns[OURS], "avro-c's set by name and write");

    free(jobs);
    wn_arena_deinit(&arena);
    avro_reference_deinit(&reference);
    wn_minimiser_close(minimiser);
    keyring_double_deinit(&keyring);
    return 0;
}

int main(int argc, char **argv)
{
    struct wn_faults faults = { 0 };
    struct wn_error err = { 0 };
    WN_CLEANUP(wn_policy_closep) struct wn_policy *policy = NULL;

    if (argc != 2) {
        fprintf(stderr, "usage: bench_encode POLICY\n");
        return 2;
    }
    if (wn_policy_load(argv[1], &faults, &policy, &err) != WN_OK) {
        fprintf(stderr, "%.*sbench_encode: %s\n", (int)faults.lines.len,
                (const char *)faults.lines.at, err.text);
        wn_faults_deinit(&faults);
        return 1;
    }
    return run(policy);
}
