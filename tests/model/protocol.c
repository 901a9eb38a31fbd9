// SPDX-License-Identifier: Apache-2.0

/* What the steps are made of: epochs and markers, members and generations, restores. */

#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned mut;          // Bit n: mutant n.
unsigned fix = ~0U;    // Amendments.
unsigned faults = ~0U; // Kinds allowed.
unsigned envs;         // Environment's faults allowed, as S.env.
int batch_max = 2, alarms = 1;

#if KEPT
const int nrec[NP][2] = { { 4, 0 } };
const u8 key_[NP][8] = { { 0, 1, 2, 2, 9, 9, 9, 9 } };
#elif NP == 1
const int nrec[NP][2] = { { 3, 3 } };
const u8 key_[NP][8] = { { 0, 1, 0, 9, 4, 5, 6, 9 } };
#else
const int nrec[NP][2] = { { 2, 2 }, { 1, 1 } };
const u8 key_[NP][8] = { { 0, 0, 9, 9, 4, 5, 9, 9 }, { 0, 9, 9, 9, 4, 9, 9, 9 } };
#endif

int name_of(int i)
{
    return NPROC > 2 && i >= 2 ? i - 2 : i; // Process 2 has the name of process 0.
}

int eof(const S *s, int p)
{
    return nrec[p][s->inc[p]] + 1;
}

sink *out_;
int tracing;
char label[200];

static void fold(struct slog *g)
{
    while (g->n && g->m[0].st != PENDING) {
        struct msg *m = &g->m[0];
        if (m->st == COMMITTED) {
            g->head = 1, g->next = m->next, g->open = m->open, g->inc = m->inc, g->ent |= m->ent;
            if (m->clr)
                g->part = 0;
#if KEPT
            if (!g->cnt)
                g->s0 = m->seq;
            if (g->cnt == NKEPT)
                exit(2);
            g->h[g->cnt++] = m->ent;
#endif
        }
        memmove(g->m, g->m + 1, sizeof g->m[0] * (NMSG - 1));
        memset(&g->m[--g->n], 0, sizeof g->m[0]);
    }
}
void emit(S *n, int fault, const char *f, ...)
{
    for (int p = 0; p < NP; p++)
        fold(&n->s[p]);
    if (tracing) {
        va_list a;
        va_start(a, f);
        vsnprintf(label, sizeof label, f, a);
        va_end(a);
    }
    out_(n, fault);
}
void bump(S *s,
          int nm) /* a new epoch: whoever had the old one is fenced, requests under way are stale */
{
    for (int i = 0; i < NPROC; i++)
        if (name_of(i) == nm)
            s->w[i].ep = 0;
    s->late[nm] = 0;
}
void done_marker(struct txn *t)
{
    if ((t->st == PCOMMIT || t->st == PABORT) && !t->mk)
        memset(t, 0, sizeof *t);
}
void decide(S *s, int nm, int commit)
{
    struct txn *t = &s->t[nm];
    t->mk = t->smask | (t->offp ? OFFBIT : 0);
    t->st = commit ? PCOMMIT : PABORT;
    for (int p = 0; p < NP && commit; p++) {
        if (t->bk >> p & 1)
            s->pb[p] = s->o1[p];
        s->o2[p] |= s->o1[p] & t->outm[p];
        s->o1[p] |= t->outm[p];
        s->rsum[p] += t->rd[p], s->gap[p] += t->gd[p];
        if (t->offp >> p & 1)
            s->ever |= 1 << p;
    }
    if (commit)
        s->bk |= t->bk;
    memset(t->outm, 0, sizeof t->outm), memset(t->rd, 0, sizeof t->rd),
        memset(t->gd, 0, sizeof t->gd);
    t->bk = 0;
    done_marker(t);
}
void die(S *s, int i)
{
    if (s->gproc[name_of(i)] == i)
        s->gproc[name_of(i)] = 3;
    memset(&s->w[i], 0, sizeof s->w[i]);
}
static struct part kept(const struct part *q)
{
    struct part k = { .ent = q->ent, .binc = NONE, .finc = NONE, .inc = NONE };
#if KEPT
    k.kn = q->kn, k.seq = q->seq;
#endif
    return k;
}
void unassign(struct proc *w)
{
    w->snap = w->bp = w->bn = w->acc = w->brk = 0;
    for (int p = 0; p < NP;
         p++) { /* the state in memory outlives a revocation, everything else does not */
        w->q[p] = kept(&w->q[p]);
    }
}
/* New producer and consumer, restores; what is kept in memory stays. Fenced a second time: exit 4.
 */
void begin_anew(S *s, int i, int fenced)
{
    struct proc old = s->w[i];
    u8 nf = (u8)(old.nf + (fenced != 0));
    die(s, i);
    if (nf >= 2 && !M(12))
        return;
    unassign(&old);
    s->w[i].pc = INITP, s->w[i].nf = nf < 2 ? nf : 1;
    memcpy(s->w[i].q, old.q, sizeof old.q);
}
/* What is due (an accepted break, a gap before a genesis) stays due. */
void clear_batch(struct proc *w)
{
    w->bp = w->acc, w->bn = w->brk = 0;
    for (int p = 0; p < NP; p++) {
        struct part *q = &w->q[p];
        if (q->rs == RUN && q->gen)
            w->bp |= 1 << p;
        if (q->rs == RUN && !(w->acc >> p & 1))
            q->pos = q->next;
        q->stg = 0, q->binc = q->finc = NONE;
    }
}
void abort_batch(S *s, int i) /* the caller knows that the epoch is the current one */
{
    if (s->t[name_of(i)].st == ONGOING)
        decide(s, name_of(i), 0);
    clear_batch(&s->w[i]);
}
void assigned(S *s, int i)
{
    struct proc *w = &s->w[i];
    w->snap = 1, w->pc = MAIN;
    for (int p = 0; p < NP; p++)
        if (s->owner[p] == name_of(i))
            w->q[p].rs = R0;
}
/* What is decided, whatever marker is still on its way: the truth that a worker must start from. */
void truth(const S *s, int p, u8 *off, u8 *head, u8 *ent, u8 *open)
{
    *off = s->offv[p];
    for (int k = 0; k < 2; k++)
        if (s->t[k].st == PCOMMIT && s->t[k].offp >> p & 1)
            *off = s->t[k].offv[p];
    const struct slog *g = &s->s[p];
    *head = g->head ? g->next : NONE, *ent = g->ent, *open = g->head ? g->open : 0;
    for (int k = 0; k < g->n; k++)
        if (g->m[k].st == COMMITTED || (g->m[k].st == PENDING && s->t[g->m[k].own].st == PCOMMIT))
            *head = g->m[k].next, *ent |= g->m[k].ent, *open = g->m[k].open;
}
u8 keys_out(const S *s, int p)
{
    u8 e = 0;
    for (int r = 0; r < 8; r++)
        if (s->o1[p] >> r & 1)
            e |= (u8)(1 << key_[p][r]);
    return e;
}
static int owns(const S *s, int i, int p)
{
    return s->w[i].snap && s->w[i].ep && s->gproc[name_of(i)] == i && s->owner[p] == name_of(i);
}
/* Where a person's acceptance makes a worker go on; -1: nowhere. */
static int accepted_at(const S *s, int p, const struct part *q)
{
    int at = q->lo != NONE ? q->lo : q->hd ? q->next : -1;
    int other = q->inc != NONE && q->inc != s->inc[p];
    if (fix & FSTART && (at < s->lowin[p] || at > eof(s, p) || other))
        at = s->lowin[p];
    return at;
}
/* A break: paused, or gone on from where a person accepted it, after a commit that receipts it. */
void found_break(S *s, int i, int p)
{
    struct part *q = &s->w[i].q[p];
    int at = q->ok ? accepted_at(s, p, q) : -1;
    q->ok = 0, q->pos = 0;
    if (at >= 0) {
        q->rs = RUN, q->pos = (u8)at;
        s->w[i].acc |= 1 << p, s->w[i].bp |= 1 << p;
        return;
    }
    q->rs = PAUSED;
    if (!s->env) /* a break although nothing was taken from us */
        s->bad = owns(s, i, p) ? 1 : alarms ? 4 : 0;
}
static void start(S *s, int i, int p, u8 at, int genesis)
{
    struct part *q = &s->w[i].q[p];
    u8 off, head, ent, open;
    truth(s, p, &off, &head, &ent, &open);
    q->rs = RUN, q->pos = at, q->next = at, q->lo = 0, q->wait = 0, q->hd = 0, q->ok = 0,
    q->binc = q->finc = NONE;
    if (genesis) {
        q->open = 0, q->inc = NONE, q->gen = at;
        s->w[i].bp |= at ? 1 << p : 0; /* a gap before it is receipted at once */
    }
    if (!owns(s, i, p))
        return; /* fenced and not aware of it: the fences must keep it harmless */
    if (genesis ? (off != NONE || head != NONE || (s->ever >> p & 1)) : (off != head || at != off))
        s->bad = 2; /* a start that is not where head and offset agree */
    if (!(s->env & STATELOSS) && q->ent != keys_out(s, p))
        s->bad = 3; /* the state in memory is not what the outputs say */
}
/* The state partition as a read_committed reader sees it: up to the first undecided message. */
void restore_end(S *s, int i, int p)
{
    struct part *q = &s->w[i].q[p];
    struct slog *g = &s->s[p];
    u8 hd = g->head, next = g->next, open = g->open, inc = g->inc;
#if KEPT
    int total = g->cnt;
    for (int k = 0; k < g->n && g->m[k].st != PENDING; k++)
        total += g->m[k].st == COMMITTED;
    if (q->kn > total ||
        (g->cnt &&
         g->s0 + q->kn != q->seq + 1)) /* what was kept does not go with this log: read it all */
        q->kn = q->ent = 0;
    for (int k = q->kn; k < g->cnt; k++)
        q->ent |= g->h[k];
    q->kn = (u8)total, q->seq = (u8)(total ? g->s0 + total - 1 : 0);
#else
    q->ent |= g->ent;
#endif
    if (M(11)) /* a reader that is not read_committed */
        for (int k = 0; k < g->n; k++)
            if (g->m[k].st != ABORTED)
                hd = 1, next = g->m[k].next, open = g->m[k].open, inc = g->m[k].inc,
                q->ent |= g->m[k].ent;
    for (int k = 0; k < g->n && g->m[k].st != PENDING; k++)
        if (g->m[k].st == COMMITTED)
            hd = 1, next = g->m[k].next, open = g->m[k].open, inc = g->m[k].inc,
            q->ent |= g->m[k].ent;
    q->open = hd ? open : 0, q->next = hd ? next : 0, q->inc = hd ? inc : NONE, q->hd = hd;
    q->wait = 0;
    if (!hd && q->lo == NONE && (M(8) || (!g->low && !(fix & FGEN && s->ever >> p & 1)))) {
        start(s, i, p, s->lowin[p], 1);
        return;
    }
    if (M(5) && q->lo != NONE) {
        start(s, i, p, q->lo, 0);
        return;
    }
    if (fix & FAGAIN && (!hd || q->lo != next))
        q->rs = R3; /* read the offset once more before a break is called */
    else if (!hd || q->lo == NONE || q->lo != next || (fix & FPART && g->part))
        found_break(s, i, p);
    else if (next > eof(s, p) || next < s->lowin[p] || (inc != NONE && inc != s->inc[p]))
        found_break(s, i, p); /* high watermark below the next offset, a gap, a wrong CRC */
    else
        start(s, i, p, q->lo, 0);
}
int append(S *s, int nm, int p, struct msg m)
{
    struct slog *g = &s->s[p];
    if (g->n == NMSG)
        return 0;
    m.own = (u8)nm, m.st = PENDING;
    g->m[g->n++] = m;
    s->t[nm].smask |= 1 << p;
    return 1;
}
void join(S *n, int i, int nm)
{
    u8 bit = (u8)(1 << nm);
    if (n->gm & bit && n->gproc[nm] != i &&
        !n->prep) { /* a static member comes back: no rebalance, the one before is fenced */
        int o = n->gproc[nm];
        if (o < NPROC)
            n->w[o].snap = 0;
        n->gproc[nm] = (u8)i;
        assigned(n, i);
        return;
    }
    if (n->gproc[nm] != i && n->gproc[nm] < NPROC)
        n->w[n->gproc[nm]].snap = 0;
    n->gm |= bit, n->prep = 1, n->joined |= bit, n->gproc[nm] = (u8)i, n->w[i].pc = WJOIN;
}
