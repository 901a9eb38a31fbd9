// SPDX-License-Identifier: Apache-2.0

/*
 * P = HMAC-SHA-256(K, canonical)[0..15], K by purpose, kind and period, with a cache.
 *
 * The cache is one table in locked memory, of sets of four slots of 64 octets: a tag of 8 (period,
 * purpose, kind, length), the identifier, up to 40, and its pseudonym, 16. The identifier's hash,
 * mixed with the tag, says which set.
 *
 * A slot matches where the tag and the whole identifier do; the hash only says where to look. It
 * is SipHash under a key of this process, so that nobody who chooses user names can choose sets. A
 * full set loses one slot, in turn; nothing is ever moved, and the table never grows: what may be
 * locked is limited. Identifiers over 40 octets go to the HMAC each time.
 *
 * A purpose's number stands for its name. The name itself need not be read where it is the one at
 * the same address as before: names outlive the minimiser (minimise.h).
 *
 * Who can read the cache can read the keys beside it; it is wiped at close like them.
 */

#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

#include "minimiser.h"

enum {
    WAYS = 4,
    IDENTIFIER = 40,
    LEAST_SLOTS = 64, ///< Less than this can't be locked: something is wrong.
    NAMES = 16,       ///< Purposes whose pseudonyms are cached.
    NAME_BYTES = 32,
    MEMOS = 16,
};

struct slot {
    uint64_t tag; ///< tag_of(); 0: the slot is empty.
    char identifier[IDENTIFIER];
    uint8_t pseudonym[16];
};

/** A root that the keyring has. */
struct memo {
    uint8_t purpose; ///< 0: empty.
    uint32_t period;
    uint8_t kcv[8];
};

/** Where the next identifier is likely to be looked up. */
struct expected {
    uint64_t tag; ///< 0: nothing is expected.
    struct wn_slice identifier;
    struct slot *set;
};

struct wn_minimiser {
    struct wn_keyring *keyring;
    struct slot *slots; ///< Locked; NULL: no cache.
    size_t n_sets;      ///< A power of two.
    unsigned turn;      ///< Which slot of a full set goes.
    char names[NAMES][NAME_BYTES];
    unsigned n_names;
    const char *last_at; ///< The name that was asked for last; only compared.
    uint8_t last;        ///< Its number; 0: it has none.
    struct memo memos[MEMOS];
    uint8_t unmemoed[8]; ///< Check value of a purpose beyond NAMES.
    struct expected expected;
    struct wn_buffer scratch;
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
};

/** @return locked memory, or NULL. */
static void *take_locked(size_t size)
{
    void *memory = sodium_malloc(size);
    if (memory && sodium_mlock(memory, size) != 0) {
        sodium_free(memory);
        return NULL;
    }
    return memory;
}

/** Lock as much of the cache as may be locked. @return false where that is next to nothing. */
static bool open_cache(struct wn_minimiser *minimiser, unsigned cached)
{
    size_t slots = LEAST_SLOTS;
    while (slots < cached && slots < (SIZE_MAX >> 8)) {
        slots *= 2;
    }
    for (; slots >= LEAST_SLOTS && !minimiser->slots; slots /= 2) {
        minimiser->slots = take_locked(slots * sizeof(struct slot));
        minimiser->n_sets = slots / WAYS;
    }
    if (minimiser->slots) {
        memset(minimiser->slots, 0, minimiser->n_sets * WAYS * sizeof(struct slot));
    }
    return minimiser->slots != NULL;
}

enum wn_code wn_minimiser_open(struct wn_keyring *keyring, unsigned cached,
                               struct wn_minimiser **ret_minimiser, struct wn_error *err)
{
    struct wn_minimiser *minimiser = NULL;

    if (sodium_init() >= 0) {
        minimiser = take_locked(sizeof(*minimiser));
    }
    if (minimiser) {
        memset(minimiser, 0, sizeof(*minimiser));
        minimiser->keyring = keyring;
        randombytes_buf(minimiser->hash_key, sizeof(minimiser->hash_key));
    }
    if (!minimiser || (cached > 0 && !open_cache(minimiser, cached))) {
        wn_minimiser_close(minimiser);
        return wn_fail(err, WN_FATAL, "locked-memory",
                       "no memory can be locked for pseudonyms: raise RLIMIT_MEMLOCK "
                       "(LimitMEMLOCK= of the unit, ulimit -l)");
    }
    *ret_minimiser = minimiser;
    return WN_OK;
}

struct wn_minimiser *wn_minimiser_close(struct wn_minimiser *minimiser)
{
    if (minimiser) {
        wn_buffer_wipe(&minimiser->scratch);
        wn_buffer_deinit(&minimiser->scratch);
        sodium_free(minimiser->slots); // Wipes.
        sodium_free(minimiser);
    }
    return NULL;
}

/** @return a purpose's number from 1, or 0: too many or too long to be remembered. */
static uint8_t number_of(struct wn_minimiser *minimiser, const char *purpose)
{
    if (minimiser->last > 0 && minimiser->last_at == purpose) {
        return minimiser->last;
    }
    unsigned i = 0;
    while (i < minimiser->n_names && strcmp(minimiser->names[i], purpose) != 0) {
        i++;
    }
    if (i == minimiser->n_names) {
        size_t len = strlen(purpose);
        if (i == NAMES || len >= NAME_BYTES) {
            return 0;
        }
        memcpy(minimiser->names[minimiser->n_names++], purpose, len + 1);
    }
    minimiser->last_at = purpose;
    minimiser->last = (uint8_t)(i + 1);
    return minimiser->last;
}

const uint8_t *wn_minimiser_key_id(struct wn_minimiser *minimiser, const char *purpose,
                                   uint32_t period)
{
    const uint8_t number = number_of(minimiser, purpose);
    if (number == 0) {
        bool has = wn_keyring_has(minimiser->keyring, purpose, period, minimiser->unmemoed);
        return has ? minimiser->unmemoed : NULL;
    }
    // One place for each root; months that follow each other don't share one.
    struct memo *memo = &minimiser->memos[(number * 5U + period) % MEMOS];
    if (memo->purpose != number || memo->period != period) {
        const bool has = wn_keyring_has(minimiser->keyring, purpose, period, memo->kcv);
        memo->purpose = has ? number : 0;
        memo->period = period;
    }
    return memo->purpose == number ? memo->kcv : NULL;
}

/** All that a slot must match but the identifier itself, in one word; a purpose's number is not 0.
 */
static uint64_t tag_of(uint32_t period, uint8_t purpose, enum wn_kind kind, size_t len)
{
    return (uint64_t)period << 24 | (uint64_t)purpose << 16 | (uint64_t)kind << 8 | len;
}

/** The set where a pseudonym is or would be. */
static struct slot *find_set(const struct wn_minimiser *minimiser, uint64_t tag,
                             struct wn_slice identifier)
{
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, (const uint8_t *)identifier.at, identifier.len, minimiser->hash_key);
    uint64_t mixed;
    memcpy(&mixed, hash, sizeof(mixed));
    mixed ^= tag * UINT64_C(0x9e3779b97f4a7c15);
    mixed ^= mixed >> 32;
    return &minimiser->slots[(mixed & (minimiser->n_sets - 1)) * WAYS];
}

void wn_minimise_expect(struct wn_minimiser *minimiser, const struct wn_purpose *purpose,
                        const struct wn_record *record, uint32_t period)
{
    const uint8_t number = number_of(minimiser, purpose->name);
    const struct wn_slice subscriber = record->subscriber;
    if (!minimiser->slots || number == 0 || subscriber.len == 0 || subscriber.len > IDENTIFIER) {
        return;
    }
    const uint64_t tag = tag_of(period, number, record->subscriber_kind, subscriber.len);
    struct slot *set = find_set(minimiser, tag, subscriber);
    for (unsigned i = 0; i < WAYS; i++) {
        __builtin_prefetch(&set[i]);
    }
    minimiser->expected = (struct expected){ tag, subscriber, set };
}

/** The set of an identifier, which was expected or is found now. */
static struct slot *take_set(struct wn_minimiser *minimiser, uint64_t tag,
                             struct wn_slice identifier)
{
    const struct expected *expected = &minimiser->expected;
    const bool fits = expected->tag == tag && expected->identifier.at == identifier.at &&
                      expected->identifier.len == identifier.len;
    struct slot *set = fits ? expected->set : find_set(minimiser, tag, identifier);
    minimiser->expected.tag = 0;
    return set;
}

/** The HMAC itself. */
static bool compute(struct wn_minimiser *minimiser, const char *purpose, enum wn_kind kind,
                    uint32_t period, struct wn_slice canonical, uint8_t ret_pseudonym[16])
{
    const struct wn_mac *mac =
        wn_keyring_find(minimiser->keyring, purpose, wn_kind_name(kind), period);
    if (!mac) {
        return false;
    }
    uint8_t whole[WN_MAC_BYTES];
    wn_mac_of(mac, canonical.at, canonical.len, whole);
    memcpy(ret_pseudonym, whole, 16);
    return true;
}

bool wn_pseudonym(struct wn_minimiser *minimiser, const char *purpose, enum wn_kind kind,
                  uint32_t period, struct wn_slice canonical, uint8_t ret_pseudonym[16])
{
    assert(canonical.len > 0);
    const uint8_t number = number_of(minimiser, purpose);
    if (!minimiser->slots || number == 0 || canonical.len > IDENTIFIER) {
        return compute(minimiser, purpose, kind, period, canonical, ret_pseudonym);
    }

    const uint64_t tag = tag_of(period, number, kind, canonical.len);
    struct slot *set = take_set(minimiser, tag, canonical);
    struct slot *victim = NULL;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].tag == tag && memcmp(set[i].identifier, canonical.at, canonical.len) == 0) {
            memcpy(ret_pseudonym, set[i].pseudonym, sizeof(set[i].pseudonym));
            return true;
        }
        victim = set[i].tag == 0 && !victim ? &set[i] : victim;
    }
    if (!compute(minimiser, purpose, kind, period, canonical, ret_pseudonym)) {
        return false;
    }
    victim = victim ? victim : &set[minimiser->turn++ % WAYS];
    victim->tag = tag;
    memcpy(victim->identifier, canonical.at, canonical.len);
    memcpy(victim->pseudonym, ret_pseudonym, sizeof(victim->pseudonym));
    return true;
}

bool wn_pseudonym_of(struct wn_minimiser *minimiser, const char *purpose, enum wn_kind kind,
                     uint32_t period, const struct wn_value *value, uint8_t ret_pseudonym[16])
{
    struct wn_slice canonical = value->text;
    if (kind == WN_KIND_NUMBER && (value->marks & WN_MARK_E164) == 0) {
        minimiser->scratch.len = 0;
        wn_kind_canonical(kind, value, NULL, &minimiser->scratch);
        canonical = wn_buffer_slice(&minimiser->scratch);
    }
    return wn_pseudonym(minimiser, purpose, kind, period, canonical, ret_pseudonym);
}
