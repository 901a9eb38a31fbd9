// SPDX-License-Identifier: Apache-2.0

/*
 * The steps of a process of `winnow run`. Each function here is a stretch of src/carry/run/ in
 * which nothing else can come between; README.md has the table.
 */

#include "model.h"

#include <string.h>

static const char *const pcname[] = { "dead",         "init", "join",    "wait",      "main",
                                      "send_offsets", "end",  "unknown", "late-state" };

#if KEPT
/* begin_log(): after a break without a head the sequence begins at 1 again, or at a number that no
 * head had. */
static u8 first_seq(void)
{
    return fix & FSEQ ? 100 : 1;
}
#endif

static void dead(const S *s, int i)
{
    S n = *s;
    int other = 0;
    for (int j = 0; j < NPROC; j++)
        other |= j != i && name_of(j) == name_of(i) && s->w[j].pc != DEAD;
    if (!other && name_of(i) == i)
        n.w[i].pc = INITP, emit(&n, 0, "P%d starts", i);
    else if (other && s->f && faults & K_TWIN)
        n.f--, n.w[i].pc = INITP, emit(&n, 1, "P%d starts beside the other process of its name", i);
}

/* wn_producer_open() */
static void init(const S *s, int i)
{
    int nm = name_of(i);
    S n = *s;
    if (s->t[nm].st == ONGOING) {
        bump(&n, nm), decide(&n, nm, 0);
        emit(&n, 0, "P%d init_transactions: aborts what was open", i);
    } else if (s->t[nm].st == EMPTY) {
        bump(&n, nm), n.w[i].ep = 1, unassign(&n.w[i]), n.w[i].pc = JOIN;
        emit(&n, 0, "P%d init_transactions: new epoch", i);
    }
}

/* on_assigned() */
static void await_assignment(const S *s, int i)
{
    u8 bit = (u8)(1 << name_of(i));
    S n = *s;
    if (s->gproc[name_of(i)] != i)
        begin_anew(&n, i, 1), emit(&n, 0, "P%d consumer fenced by its name", i);
    else if (!(s->gm & bit) || (s->prep && !(s->joined & bit)))
        n.w[i].pc = JOIN, emit(&n, 0, "P%d must join again", i);
    else if (!s->prep)
        assigned(&n, i), emit(&n, 0, "P%d gets its assignment", i);
}

/* A commit of unknown outcome: begin_anew() */
static void outcome_unknown(const S *s, int i)
{
    S n = *s;
    if (M(6)) {
        n.w[i].pc = MAIN, clear_batch(&n.w[i]);
        emit(&n, 0, "P%d does the batch again with the same producer", i);
        return;
    }
    begin_anew(&n, i, 0), emit(&n, 0, "P%d destroys producer and consumer", i);
}

/* Mutant 7: the state follows in a transaction of its own. */
static void late_state(const S *s, int i)
{
    S n = *s;
    if (s->t[name_of(i)].st != EMPTY)
        return;
    for (int p = 0; p < NP; p++) {
        struct part *q = &n.w[i].q[p];
        struct slog *g = &n.s[p];
        if (!(s->w[i].bp >> p & 1))
            continue;
        if (g->n == NMSG)
            return;
        g->m[g->n++] = (struct msg){ .own = (u8)name_of(i),
                                     .st = COMMITTED,
                                     .next = q->pos,
                                     .ent = q->stg,
                                     .open = 0,
                                     .inc = q->binc };
        q->ent |= q->stg, q->next = q->pos, q->stg = 0;
    }
    n.w[i].pc = MAIN, n.w[i].bp = n.w[i].bn = 0;
    emit(&n, 0, "P%d commits the state by itself", i);
}

/* Mutant 1: no callback, so that the client joins behind the application's back. */
static void rejoin_unnoticed(const S *s, int i, int lost)
{
    u8 bit = (u8)(1 << name_of(i));
    S n = *s;
    if ((s->gm & bit && s->joined & bit && s->prep) || (lost && s->gm & bit && !s->prep))
        return;
    n.gm |= bit, n.prep = 1, n.joined |= bit, n.gproc[name_of(i)] = (u8)i;
    emit(&n, 0, "P%d client rejoins, the batch stays open", i);
}

/* on_revoked(): finish or abort, then let go. (To finish is the step to END before it.) */
static void rebalance(const S *s, int i)
{
    const struct proc *w = &s->w[i];
    int nm = name_of(i);
    u8 bit = (u8)(1 << nm);
    int lost = !(s->gm & bit) || !w->snap;
    int revoke = s->prep && !(s->joined & bit);
    S n = *s;
    if (w->pc == END || (s->gproc[nm] == i && !lost && !revoke))
        return;
    if (s->gproc[nm] != i) {
        if (M(1) && s->gproc[nm] == 3 && w->bp)
            rejoin_unnoticed(s, i, 0);
        return;
    }
    if (M(1) && w->bp)
        rejoin_unnoticed(s, i, lost);
    else if (!w->bp)
        unassign(&n.w[i]), n.w[i].pc = JOIN, emit(&n, 0, "P%d gives its partitions up", i);
    else if (w->ep)
        abort_batch(&n, i), unassign(&n.w[i]),
            n.w[i].pc = JOIN, emit(&n, 0, "P%d aborts and gives its partitions up", i);
    else
        begin_anew(&n, i, 1), emit(&n, 0, "P%d producer fenced on abort", i);
}

/* wn_producer_offsets() */
static void send_offsets(const S *s, int i)
{
    const struct proc *w = &s->w[i];
    int nm = name_of(i);
    u8 bit = (u8)(1 << nm);
    S n = *s;
    int in_group = s->gproc[nm] == i && s->gm & bit;
    if (!w->ep) {
        begin_anew(&n, i, 1), emit(&n, 0, "P%d producer fenced", i);
        return;
    }
    if (!(M(1) ? in_group && !s->prep : w->snap && in_group)) {
        if (M(1) && s->prep)
            return;
        abort_batch(&n, i), unassign(&n.w[i]), n.w[i].pc = JOIN;
        emit(&n, 0, "P%d send_offsets refused by the group: abort", i);
        return;
    }
    n.t[nm].st = ONGOING, n.t[nm].offp |= w->bp, n.w[i].pc = END;
    for (int p = 0; p < NP; p++)
        if (w->bp >> p & 1)
            n.t[nm].offv[p] = w->q[p].pos;
    emit(&n, 0, "P%d send_offsets", i);
}

/* merge() of one partition: what was staged counts from now on. */
static void merge(const S *s, S *n, int i, int p)
{
    struct part *q = &n->w[i].q[p];
    int due = s->w[i].acc >> p & 1;
    q->ent |= q->stg, q->open = (u8)(q->open + q->pos - (due ? q->pos : q->next));
    if (q->open >= 2)
        q->open = 0;
    q->next = q->pos, q->stg = 0;
#if KEPT
    int nm = name_of(i);
    q->kn = s->s[p].cnt, q->seq = (u8)(due && !q->hd ? first_seq() : q->seq + 1);
    for (int k = 0; k < s->s[p].n; k++) {
        const struct msg *m = &s->s[p].m[k];
        q->kn += m->st == COMMITTED ||
                 (m->st == PENDING && (m->own == nm || s->t[m->own].st == PCOMMIT));
    }
#endif
    if (q->binc != NONE)
        q->inc = q->binc;
    q->binc = q->finc = NONE, q->gen = 0;
}

/* wn_producer_commit() and what follows; the answer may be lost, the request may be lost or late,
 * or sent twice. */
static void commit(const S *s, int i)
{
    const struct proc *w = &s->w[i];
    int nm = name_of(i);
    S n = *s;
    if (!w->ep) {
        begin_anew(&n, i, 1), emit(&n, 0, "P%d producer fenced", i);
        return;
    }
    decide(&n, nm, 1);
    S decided = n;
    for (int p = 0; p < NP && !M(7); p++)
        if (w->bp >> p & 1)
            merge(s, &n, i, p);
    n.w[i].pc = M(7) ? M7 : MAIN, n.w[i].acc = 0;
    if (!M(7))
        n.w[i].bp = n.w[i].bn = 0;
    if (M(1) && !w->snap)
        unassign(&n.w[i]), n.w[i].pc = JOIN;
    S done = n;
    emit(&n, 0, "P%d commits", i);
    if (s->f && faults & K_TWICE) {
        n = done, n.f--, n.late[nm] = 1, n.w[i].doubt = (fix & FRENEW) != 0;
        emit(&n, 1, "P%d commits, the library SENDS IT TWICE, the first one is late", i);
    }
    if (s->f && faults & K_LOST) {
        n = decided, n.f--, n.w[i].pc = UNK;
        emit(&n, 1, "P%d commits, the ANSWER IS LOST", i);
        n = *s, n.f--, n.w[i].pc = UNK, n.late[nm] = 1;
        emit(&n, 1, "P%d commits, the REQUEST IS LOST or late", i);
    }
}

/* wn_restore(): the offset, the end of the state, the log up to it, the comparison; the offset once
 * more. */
static void restore(const S *s, int i, int p)
{
    const struct part *q = &s->w[i].q[p];
    int pendoff = 0;
    u8 pend = 0;
    for (int k = 0; k < 2; k++)
        pendoff |= s->t[k].st != EMPTY && s->t[k].offp >> p & 1;
    for (int k = 0; k < s->s[p].n; k++)
        if (s->s[p].m[k].st == PENDING)
            pend |= (u8)(1 << s->s[p].m[k].own);
    /* Mutant 10: the end is taken before the offset. */
    int step = q->rs == R0 ? (M(10) ? R1 : R0) : q->rs == R1 ? (M(10) ? R0 : R1) : q->rs;
    S n = *s;
    struct part *m = &n.w[i].q[p];
    if (step == R0 && (!pendoff || M(9))) {
        m->lo = s->offv[p], m->rs++;
        emit(&n, 0, "P%d p%d: committed offset is %d", i, p, s->offv[p]);
    } else if (step == R1) {
        m->wait = pend, m->rs++, emit(&n, 0, "P%d p%d: takes the end of the state", i, p);
    } else if (q->rs == R2 && (!q->wait || M(3))) {
        restore_end(&n, i, p);
        emit(&n, 0, "P%d p%d: state read, %s at %d", i, p,
             m->rs == RUN  ? "runs"
             : m->rs == R3 ? "differs from the offset"
                           : "PAUSED",
             m->pos);
    } else if (q->rs == R3 && (!pendoff || M(9))) {
        if (s->offv[p] != q->lo)
            m->rs = R0;
        else
            found_break(&n, i, p);
        emit(&n, 0, "P%d p%d: offset read again: %s", i, p,
             m->rs == R0    ? "it moved, restore anew"
             : m->rs == RUN ? "the break is accepted"
                            : "PAUSED");
    } else if (q->rs == PAUSED) {
        m->ok = 1, m->rs = R0, emit(&n, 0, "P%d p%d: a person accepts the break", i, p);
    }
}

/* take_record(): one record, which may be a duplicate; its message may fail to be produced. */
static void take_record(const S *s, int i, int p)
{
    const struct proc *w = &s->w[i];
    int nm = name_of(i);
    int r = w->q[p].pos + 4 * s->inc[p];
    u8 k = (u8)(1 << key_[p][r]);
    S n = *s;
    struct part *q = &n.w[i].q[p];
    n.w[i].bp |= 1 << p, n.w[i].bn++, q->pos++, q->binc = s->inc[p];
    if (q->finc == NONE)
        q->finc = s->inc[p];
    if ((q->ent | q->stg) & k) {
        emit(&n, 0, "P%d p%d: record %d is a duplicate", i, p, r);
        return;
    }
    if (s->t[nm].st != EMPTY && s->t[nm].st != ONGOING)
        return;
    if (!w->ep) {
        n = *s, begin_anew(&n, i, 1), emit(&n, 0, "P%d producer fenced", i);
        return;
    }
    q->stg |= k;
    if (M(2))
        q->ent |= k;
    S failed = n;
    n.t[nm].st = ONGOING, n.t[nm].outm[p] |= (u8)(1 << r);
    emit(&n, 0, "P%d p%d: record %d produced", i, p, r);
    if (s->f && faults & K_PROD) {
        failed.f--, failed.w[i].brk = !M(4);
        emit(&failed, 1, "P%d p%d: record %d: PRODUCE FAILS", i, p, r);
    }
}

/* take_one(): a record, the end of the partition, or an offset that is out of range. */
static void take_one(const S *s, int i, int p)
{
    const struct proc *w = &s->w[i];
    const struct part *q = &w->q[p];
    S n = *s;
    int due = w->acc >> p & 1 || q->gen;
    if (w->bn >= batch_max || w->brk || due)
        return;
    if (q->pos < s->lowin[p] || q->pos > eof(s, p)) {
        if (!w->bp) {
            n.w[i].q[p].lo = q->next, n.w[i].q[p].hd = 1, found_break(&n, i, p);
            emit(&n, 0, "P%d p%d: offset out of range: PAUSED", i, p);
        }
    } else if (q->pos == eof(s, p) - 1) {
        n.w[i].bp |= 1 << p, n.w[i].q[p].pos++;
        emit(&n, 0, "P%d p%d: EOF at %d", i, p, q->pos + 1);
    } else if (q->pos < eof(s, p) - 1) {
        take_record(s, i, p);
    }
}

/* check_input(): @return the partitions whose records are not what they were. */
static int other_input(const S *s, int i)
{
    const struct proc *w = &s->w[i];
    int wrong = 0;
    for (int p = 0; p < NP && fix & FCRC; p++) {
        const struct part *q = &w->q[p];
        int differs =
            (q->inc != NONE && q->inc != s->inc[p]) || (q->finc != NONE && q->finc != s->inc[p]);
        if (w->bp >> p & 1 && !(w->acc >> p & 1) && differs)
            wrong |= 1 << p;
    }
    return wrong;
}

/* write_receipts() and write_log() of one partition. @return 0: the model's log is full. */
static int write_state(S *n, int i, int p)
{
    const struct proc *w = &n->w[i];
    struct part *q = &n->w[i].q[p];
    struct txn *t = &n->t[name_of(i)];
    int accepted = w->acc >> p & 1;
    u8 inc = q->binc != NONE ? q->binc : accepted && q->pos == n->lowin[p] ? NONE : q->inc;
    u8 open = accepted ? (q->hd ? q->open : 0) : (u8)(q->open + q->pos - q->next);
    if (accepted) {
        int sum = n->rsum[p] + n->gap[p] + open; /* what receipts and head account for */
        t->gd[p] = (int8_t)(q->pos - sum), t->bk |= 1 << p;
        q->open = open, q->inc = inc;
    }
    if (!accepted && q->gen) /* a genesis above 0 has a receipt of its own */
        t->gd[p] = (int8_t)q->gen, t->bk |= 1 << p;
    if (open >= 2)
        t->rd[p] = (int8_t)open, open = 0;
#if KEPT
    u8 seq = accepted && !q->hd ? first_seq() : (u8)(q->seq + 1);
#else
    u8 seq = 0;
#endif
    struct msg head = {
        .next = q->pos, .ent = q->stg, .open = open, .inc = inc, .clr = (u8)accepted, .seq = seq
    };
    return M(7) || append(n, name_of(i), p, head);
}

/* wn_worker_finish() as far as the state; wn_worker_undo() */
static void finish(const S *s, int i)
{
    const struct proc *w = &s->w[i];
    struct txn *t;
    S n = *s;
    if (!w->ep) {
        begin_anew(&n, i, 1), emit(&n, 0, "P%d producer fenced", i);
        return;
    }
    if (w->brk) {
        abort_batch(&n, i), emit(&n, 0, "P%d aborts, rewinds", i);
        return;
    }
    if (s->f && faults & K_ABORT) {
        n.f--, abort_batch(&n, i), emit(&n, 1, "P%d ABORTABLE ERROR: aborts, rewinds", i);
        n = *s;
    }
    int wrong = other_input(s, i);
    if (wrong) {
        abort_batch(&n, i);
        for (int p = 0; p < NP; p++)
            if (wrong >> p & 1)
                found_break(&n, i, p);
        emit(&n, 0, "P%d: wrong CRC before the commit, aborts", i);
        return;
    }
    for (int p = 0; p < NP; p++)
        if (w->bp >> p & 1 && !write_state(&n, i, p))
            return;
    t = &n.t[name_of(i)];
    t->st = ONGOING, n.w[i].pc = SOFF;
    emit(&n, 0, "P%d produces the state", i);
}

/* wn_worker_renew_producer(): a doubtful one does not begin a transaction. */
static void renew(const S *s, int i)
{
    S n = *s;
    if (s->t[name_of(i)].st != EMPTY)
        return;
    bump(&n, name_of(i)), n.w[i].ep = 1, n.w[i].doubt = 0;
    emit(&n, 0, "P%d renews its producer", i);
}

/* turn() */
static void turn(const S *s, int i)
{
    const struct proc *w = &s->w[i];
    u8 st = s->t[name_of(i)].st;
    for (int p = 0; p < NP; p++) {
        restore(s, i, p);
        if (w->q[p].rs == RUN && !w->doubt)
            take_one(s, i, p);
    }
    if (w->doubt)
        renew(s, i);
    else if (w->bp && (st == EMPTY || st == ONGOING))
        finish(s, i);
}

static void crash_or_stop(const S *s, int i)
{
    S n = *s;
    if (s->f && faults & K_CRASH) {
        n.f--, die(&n, i), emit(&n, 1, "P%d CRASHES (%s)", i, pcname[s->w[i].pc]);
        n = *s;
    }
    if (s->f && faults & K_STOP && !s->w[i].stop)
        n.f--, n.w[i].stop = 1, emit(&n, 1, "P%d STOPS (%s)", i, pcname[s->w[i].pc]);
}

static void go_on(const S *s, int i)
{
    S n = *s;
    switch (s->w[i].pc) {
    case INITP:
        init(s, i);
        return;
    case JOIN:
        join(&n, i, name_of(i));
        emit(&n, 0, "P%d joins the group%s", i, n.w[i].pc == MAIN ? ", keeps its place" : "");
        return;
    case WJOIN:
        await_assignment(s, i);
        return;
    case UNK:
        outcome_unknown(s, i);
        return;
    case M7:
        late_state(s, i);
        return;
    default:;
    }
    if (s->gproc[name_of(i)] != i)
        begin_anew(&n, i, 1), emit(&n, 0, "P%d consumer fenced by its name", i);
    rebalance(s, i);
    if (s->w[i].pc == SOFF)
        send_offsets(s, i);
    else if (s->w[i].pc == END)
        commit(s, i);
    else
        turn(s, i);
}

void proc_steps(const S *s, int i)
{
    S n = *s;
    if (s->w[i].pc == DEAD) {
        dead(s, i);
        return;
    }
    crash_or_stop(s, i);
    if (s->w[i].stop)
        n.w[i].stop = 0, emit(&n, 0, "P%d resumes", i);
    else
        go_on(s, i);
}
