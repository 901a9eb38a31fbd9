// SPDX-License-Identifier: Apache-2.0

/**
 * A model of how `winnow run` gets each record out once: every state that two workers, their Kafka
 * and a budget of faults can reach is visited. README.md says what is in it, and which step is
 * which function.
 *
 *     protocol.c  what steps are made of: transactions, groups, restores
 *     process.c   the steps of a process of `winnow run`
 *     cluster.c   the steps of the brokers, and of the environment
 *     holds.c     what must hold in every state
 *     search.c    every state, breadth first; then the walk for livelocks; main
 *
 * Threads: one.
 */

#ifndef WINNOW_TEST_MODEL_H
#define WINNOW_TEST_MODEL_H

#include <stdint.h>

#ifndef NP
#define NP 1 ///< Input partitions.
#endif
#ifndef NPROC
#define NPROC 3 ///< Process 0: name A, 1: name B, 2: a second process that calls itself A.
#endif
#ifndef KEPT
#define KEPT                                                                                       \
    0 ///< 1: a worker that kept state reads only what lies behind the position that it kept.
#endif
#define NKEPT 8
#define NMSG 5
#define NONE 15
typedef uint8_t u8;

/// A state message in a partition of the state topic: new duplicate entries and, in it, the head.
struct msg {
    u8 own, st; ///< Transactional id that wrote it; PENDING, COMMITTED or ABORTED here.
    u8 next, ent, open, inc; ///< Head: next offset, open receipt, CRC of the last record; entries.
    u8 clr; ///< This head follows an accepted break: what came before is not needed.
    u8 seq; ///< Sequence in the head; only kept with KEPT.
};
enum {
    PENDING = 1,
    COMMITTED,
    ABORTED
};

/// A state partition: its decided beginning folded into one head and one set of entries, then what
/// lies behind an undecided message.
struct slog {
    u8 head, next, ent, open, inc; ///< inc: NONE until a record was seen.
    u8 low;                        ///< Low watermark above 0.
    u8 part; ///< Entries that are still needed were deleted (a truncation or a recreated topic).
#if KEPT
    u8 cnt, s0,
        h[NKEPT]; ///< Messages in this incarnation, the first one's sequence, their entries.
#endif
    u8 n;
    struct msg m[NMSG];
};

/// The transaction coordinator's view of one transactional id, with what its open transaction
/// holds.
struct txn {
    u8 st, smask, offp, mk; ///< State partitions, offsets of partitions; markers still to write.
    u8 outm[NP], offv[NP];
    int8_t rd[NP], gd[NP]; ///< Closed receipts, breaks' receipts (offsets they account for).
    u8 bk;                 ///< Partitions whose break this transaction accepts.
};
enum {
    EMPTY,
    ONGOING,
    PCOMMIT,
    PABORT
};
#define OFFBIT 8

/// A process's view of one input partition: struct wn_inlet.
struct part {
    u8 rs, lo,
        wait; ///< Restore step; committed offset read; ids whose message lies before the end.
    u8 pos;   ///< Next offset to fetch, the open batch included.
    u8 next, ent, open, inc; ///< State in memory.
    u8 stg, binc, finc; ///< Staged by the batch: keys, incarnation of its last and first record.
    u8 gen;             ///< Offset of a genesis above 0, until its commit: `due` in the code.
    u8 hd;              ///< A head was found.
    u8 ok;              ///< A person accepts the break that the restore under way will find.
#if KEPT
    u8 kn, seq; ///< How much of the log is in ent, the sequence of the last message in it.
#endif
};
enum {
    OFF,
    R0,
    R1,
    R2,
    R3,
    RUN,
    PAUSED
};

/// A process of `winnow run` with one worker.
struct proc {
    u8 pc, stop, ep, snap, nf; ///< Epoch and generation are the current ones; times fenced.
    u8 bp, bn, acc, brk,
        doubt; ///< The batch: partitions, records, accepted breaks, broken; doubtful.
    struct part q[NP];
};
enum {
    DEAD,
    INITP,
    JOIN,
    WJOIN,
    MAIN,
    SOFF,
    END,
    UNK,
    M7
};

typedef struct {
    struct proc w[NPROC];
    struct slog s[NP];
    struct txn t[2];
    u8 offv[NP];              ///< Committed offsets.
    u8 gm, prep, joined;      ///< Members; a rebalance is under way, who rejoined.
    u8 owner[NP], gproc[2];   ///< Assignment; the process behind a static name (3: gone).
    u8 late[2];               ///< An EndTxn(commit) still in the network: of the current epoch.
    u8 inc[NP], lowin[NP];    ///< The input: incarnation, low watermark.
    u8 o1[NP], o2[NP];        ///< Record out, out twice (bits 0-3: first incarnation, 4-7: second).
    int8_t rsum[NP], gap[NP]; ///< Closed receipts, break receipts.
    u8 pb[NP];                ///< Outputs before the last accepted break.
    u8 ever, bk;   ///< Partitions that ever committed (a receipt exists); with an accepted break.
    u8 f, ef, env; ///< Faults left; environment's faults left; those that happened.
    u8 bad;        ///< An assertion inside a step.
} S;

/// Inputs: keys of the records of each partition; then one control record (the input is
/// transactional).
extern const int nrec[NP][2];
extern const u8 key_[NP][8];

// Options: see usage() in search.c, and README.md.
extern unsigned mut, fix, faults, envs;
extern int batch_max, alarms;
enum {
    FSTART = 1,
    FCRC = 2,
    FPART = 4,
    FGEN = 8,
    FAGAIN = 16,
    FSEQ = 32,
    FRENEW = 64
};
enum {
    K_CRASH = 1,
    K_STOP = 2,
    K_TWIN = 4,
    K_LOST = 8,
    K_PROD = 16,
    K_TXTO = 32,
    K_KICK = 64,
    K_REB = 128,
    K_ABORT = 256,
    K_TWICE = 512
};
enum {
    E_EXPIRE = 1,
    E_TRUNC = 2,
    E_PARTIAL = 4,
    E_SREC = 8,
    E_IREC = 16,
    E_TRIM = 32,
    E_RESET = 64
};
#define STATELOSS (E_TRUNC | E_PARTIAL | E_SREC)
#define M(n) (mut >> (n)&1)

// ---- protocol.c

/// Where a step's result goes; `fault`: it is one.
typedef void sink(const S *n, int fault);
extern sink *out_;
extern int tracing;
extern char label[200];

int name_of(int i);
int eof(const S *s, int p);
void emit(S *n, int fault, const char *f, ...) __attribute__((format(printf, 3, 4)));
void bump(S *s, int nm);
void done_marker(struct txn *t);
void decide(S *s, int nm, int commit);
void die(S *s, int i);
void begin_anew(S *s, int i, int fenced);
void clear_batch(struct proc *w);
void abort_batch(S *s, int i);
void unassign(struct proc *w);
void assigned(S *s, int i);
void truth(const S *s, int p, u8 *off, u8 *head, u8 *ent, u8 *open);
u8 keys_out(const S *s, int p);
void found_break(S *s, int i, int p);
void restore_end(S *s, int i, int p);
int append(S *s, int nm, int p, struct msg m);
void join(S *n, int i, int nm);

// ---- process.c, cluster.c, holds.c

void proc_steps(const S *s, int i);
void broker_steps(const S *s);
const char *bad(const S *s);
int goal(const S *s);

#endif
