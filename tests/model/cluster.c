// SPDX-License-Identifier: Apache-2.0

/* The brokers: timeouts, late requests, markers, rebalances; and what the environment takes away.
 */

#include "model.h"

#include <string.h>

/// A step begins with the state as it is.
#define N (n = *s)

/// The coordinator gives up on the open transaction of id k.
static void transaction_timeout(const S *s, int k)
{
    S n;
    int live = 0;
    if (s->t[k].st != ONGOING)
        return;
    for (int i = 0; i < NPROC; i++)
        live |= name_of(i) == k && s->w[i].ep && s->w[i].pc != DEAD && !s->w[i].stop;
    if (!live)
        N, bump(&n, k), decide(&n, k, 0), emit(&n, 0, "%c's transaction times out", 'A' + k);
    else if (s->f && faults & K_TXTO)
        N, n.f--, bump(&n, k), decide(&n, k, 0),
            emit(&n, 1, "%c's transaction TIMES OUT though it lives", 'A' + k);
}

static void late_commit(const S *s, int k)
{
    S n;
    if (!s->late[k])
        return;
    if (s->t[k].st == ONGOING)
        N, n.late[k] = 0, decide(&n, k, 1), emit(&n, 0, "%c's late EndTxn arrives", 'A' + k);
    N, n.late[k] = 0, emit(&n, 0, "%c's late EndTxn is dropped", 'A' + k);
}

/// A marker of id k's decision reaches a partition of the state, or the offsets.
static void markers(const S *s, int k)
{
    S n;
    const struct txn *t = &s->t[k];
    for (int p = 0; p < NP; p++)
        if (t->mk >> p & 1) {
            N, n.t[k].mk &= (u8) ~(1 << p), n.t[k].smask &= (u8) ~(1 << p);
            for (int j = 0; j < n.s[p].n; j++)
                if (n.s[p].m[j].own == k && n.s[p].m[j].st == PENDING)
                    n.s[p].m[j].st = t->st == PCOMMIT ? COMMITTED : ABORTED;
            for (int i = 0; i < NPROC; i++)
                n.w[i].q[p].wait &= (u8) ~(1 << k);
            done_marker(&n.t[k]), emit(&n, 0, "%c's marker reaches the state p%d", 'A' + k, p);
        }
    if (t->mk & OFFBIT) {
        N;
        for (int p = 0; p < NP; p++)
            if (t->offp >> p & 1 && t->st == PCOMMIT)
                n.offv[p] = t->offv[p];
        n.t[k].mk &= (u8)~OFFBIT, n.t[k].offp = 0, memset(n.t[k].offv, 0, sizeof n.t[k].offv);
        done_marker(&n.t[k]), emit(&n, 0, "%c's marker reaches the offsets", 'A' + k);
    }
}

/// The group gives up on the member of static name k.
static void session_timeout(const S *s, int k)
{
    S n;
    int g = s->gproc[k];
    if (!(s->gm >> k & 1))
        return;
    int gone = g == 3 || s->w[g].pc == DEAD || s->w[g].stop;
    if (gone || (s->f && faults & K_KICK)) {
        N, n.f -= !gone, n.gm &= (u8) ~(1 << k), n.joined &= (u8) ~(1 << k);
        if (g < 3)
            n.w[g].snap = 0;
        n.prep = n.gm != 0;
        if (!n.gm)
            for (int p = 0; p < NP; p++)
                n.owner[p] = NONE;
        emit(&n, !gone, "%c's session %s", 'A' + k,
             gone ? "times out" : "TIMES OUT though it lives");
    }
}

/// All members have joined: both ways to assign; or a rebalance begins without a cause.
static void generations(const S *s)
{
    S n;
    if (s->prep && s->gm && s->joined == s->gm)
        for (int c = 0; c < 2; c++) {
            N, n.prep = 0, n.joined = 0;
            for (int i = 0; i < NPROC; i++)
                n.w[i].snap = 0;
            for (int p = 0; p < NP; p++)
                n.owner[p] = s->gm == 3 ? (u8)((c + p) & 1) : (u8)(s->gm - 1);
            if (c && s->gm != 3)
                break;
            emit(&n, 0, "new generation, p0 to %c", 'A' + n.owner[0]);
        }
    if (!s->prep && s->gm && s->f && faults & K_REB)
        N, n.f--, n.prep = 1, emit(&n, 1, "a REBALANCE is called");
}

/// @return whether offsets can go: no member, and no transaction that holds some.
static int offsets_are_idle(const S *s)
{
    return !s->gm && !s->t[0].offp && !s->t[1].offp;
}

static void offsets_expire(const S *s)
{
    S n;
    if (!(envs & E_EXPIRE) || !offsets_are_idle(s))
        return;
    N, n.ef--, n.env |= E_EXPIRE;
    for (int p = 0; p < NP; p++)
        n.offv[p] = NONE;
    emit(&n, 1, "the committed OFFSETS EXPIRE");
}

/// A partition of the state loses what is in it.
static void state_losses(const S *s, int p)
{
    S n;
    const struct slog *g = &s->s[p];
    if (g->n || !g->head)
        return;
    u8 part = g->part || g->ent;
    if (envs & E_TRUNC)
        N, n.ef--, n.env |= E_TRUNC, memset(&n.s[p], 0, sizeof n.s[p]),
            n.s[p].inc = NONE, n.s[p].low = 1, n.s[p].part = part,
            emit(&n, 1, "the state p%d is TRUNCATED to its end", p);
    if (envs & E_PARTIAL && g->ent)
        N, n.ef--, n.env |= E_PARTIAL,
            n.s[p].ent = 0, n.s[p].low = 1, n.s[p].part = 1,
            emit(&n, 1, "the state p%d is TRUNCATED, its last head stays", p);
    if (envs & E_SREC)
        N, n.ef--, n.env |= E_SREC, memset(&n.s[p], 0, sizeof n.s[p]),
            n.s[p].inc = NONE, n.s[p].part = part,
            emit(&n, 1, "the STATE topic p%d is RECREATED", p);
}

/// A partition of the input loses records, or its place in it is set by hand.
static void input_losses(const S *s, int p)
{
    S n;
    if (envs & E_IREC && !s->inc[p])
        N, n.ef--, n.env |= E_IREC,
            n.inc[p] = 1, n.lowin[p] = 0,
            emit(&n, 1, "the INPUT p%d is RECREATED with %d other records", p, nrec[p][1]);
    if (envs & E_TRIM && !s->lowin[p])
        N, n.ef--, n.env |= E_TRIM, n.lowin[p] = 2,
                                    emit(&n, 1, "the INPUT p%d is TRIMMED below 2", p);
    if (envs & E_RESET && offsets_are_idle(s))
        for (u8 v = 0; v <= 2; v += 2)
            if (s->offv[p] != v)
                N, n.ef--, n.env |= E_RESET,
                    n.offv[p] = v, emit(&n, 1, "somebody RESETS the offset of p%d to %d", p, v);
}

void broker_steps(const S *s)
{
    for (int k = 0; k < 2; k++) {
        transaction_timeout(s, k);
        late_commit(s, k);
        markers(s, k);
        session_timeout(s, k);
    }
    generations(s);
    if (!s->ef)
        return;
    offsets_expire(s);
    for (int p = 0; p < NP; p++) {
        state_losses(s, p);
        input_losses(s, p);
    }
}
