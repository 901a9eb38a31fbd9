// SPDX-License-Identifier: Apache-2.0

/**
 * How a worker stands, for who looks from outside: a plain copy that the worker hands in between
 * two steps, and a board that holds the last one.
 *
 * The worker's data is touched by its own thread alone. It fills a `struct wn_status` and posts it;
 * readers take copies. Nothing in it comes from a record: names are those of the configuration and
 * the policy, reasons are of the table (reason.h), the rest are numbers. Counts are of committed
 * transactions since the start of the process; what was replayed counts again.
 *
 * Threads: any; one worker posts to a board.
 */

#ifndef WINNOW_STATUS_H
#define WINNOW_STATUS_H

#include "winnow/settings.h"
#include "winnow/tally.h"
#include "winnow/txn.h"

/** One input: its source, and what became of its records. */
struct wn_status_input {
    char topic[250];
    char source[65];
    bool refused; ///< Its source's file changed, and the change was not taken.
    uint64_t in, passed, duplicates, superseded;
    uint64_t filtered[WN_REASONS];
    uint64_t attempts[WN_ATTEMPTS];
    uint64_t quarantined[WN_REASONS];
    uint64_t masked[WN_REASONS];
    struct wn_tally_purpose purposes[WN_PURPOSES];
    uint64_t receipts;
};

enum wn_status_phase {
    WN_STATUS_WAITING,   ///< Ours, and not begun.
    WN_STATUS_RESTORING, ///< Its state is read.
    WN_STATUS_RUNNING,
    WN_STATUS_PAUSED, ///< Waits for a person.
    WN_STATUS_PHASES, ///< How many there are.
};

/** @return "waiting", "restoring", "running", "paused"; static storage. */
const char *wn_status_phase_name(enum wn_status_phase phase);

/** An input partition that is ours. */
struct wn_status_partition {
    unsigned input; ///< Its place in `inputs`.
    int32_t partition;
    enum wn_status_phase phase;
    enum wn_reason reason; ///< PAUSED: why; NONE where the table has no row for it.
    bool is_break;         ///< PAUSED: `ctl accept-break` goes on, else `ctl resume`.
    int64_t next;          ///< Offset of the next record; -1: not known.
    int64_t high, stable;  ///< High watermark and last stable offset; -1: the brokers did not say.
    int64_t restored, to_restore; ///< RESTORING: messages of its log that were read, and all.
    uint32_t poison_share;        ///< Of the reason that refuses most [hundredths of a percent].
    uint32_t poison_seen;         ///< Records that the guard looks at.
    struct wn_sequence_totals numbers; ///< Of nodes, as far as this partition has them.
    bool excused; ///< A person let a reason pass until its share has come down.
};

/** What an abort was for. */
enum wn_status_abort {
    WN_STATUS_ABORTABLE,  ///< It passes by itself: the same records come again.
    WN_STATUS_SAME_AGAIN, ///< The same batch would be refused again.
    WN_STATUS_PAUSES,     ///< A break or the poison guard: its partition waits for a person.
    WN_STATUS_FENCED,     ///< Another one had our name, or a stall made the broker think so.
    WN_STATUS_FATAL,      ///< The end of a producer: a new one was begun.
    WN_STATUS_ABORTS,     ///< How many there are.
};

/** @return "abortable", "same-again", "pauses", "fenced", "fatal"; static storage. */
const char *wn_status_abort_name(enum wn_status_abort abort);

/** How far a purpose's keys reach. */
struct wn_status_key {
    char purpose[64];
    int64_t until_ms; ///< End of the last month in a row, from the present one, that has a key.
};

/** A list that ages. */
struct wn_status_list {
    bool there;
    int64_t changed_ms; ///< When the version that counts was changed [UTC ms]; 0: none counts.
    bool too_old;       ///< It may not be relied upon any more.
};

/** How a worker stands. */
struct wn_status {
    char name[300]; ///< `<group>-<instance>-<worker>`.
    enum wn_txn_state transaction;
    int64_t began_ms;     ///< When the open transaction was begun [monotonic ms]; 0: none is open.
    int64_t committed_ms; ///< When the last one was committed [monotonic ms]; 0: none was.
    int64_t started_ms;   ///< When the worker began [UTC ms].
    bool assigned;        ///< The group has given it partitions, or said that there are none.
    uint64_t commits;
    uint64_t aborts[WN_STATUS_ABORTS];
    unsigned aborts_in_a_row; ///< Since the last commit.
    uint64_t rate_milli;      ///< Records a second, times 1,000, over the last ten seconds or so.
    struct wn_status_list helplines, consent;
    struct wn_status_key keys[WN_PURPOSES];
    unsigned n_keys;
    unsigned n_purposes;
    char purposes[WN_PURPOSES][64]; ///< Names, as wn_tally numbers them.
    struct wn_status_input *inputs;
    unsigned n_inputs;
    struct wn_status_partition *partitions;
    size_t n_partitions;
};

/** Give the memory back; all-zero is fine. */
void wn_status_deinit(struct wn_status *status);

struct wn_board;

/** @return an empty board, never NULL; the caller's to give to wn_board_close(). */
struct wn_board *wn_board_open(void);

/** Close; NULL is fine. @return NULL */
struct wn_board *wn_board_close(struct wn_board *board);

/** Note that the worker's loop turned. Costs one atomic store. */
void wn_board_turned(struct wn_board *board, int64_t clock_ms);

/** @return when it turned last, or the board was opened [monotonic ms]. */
int64_t wn_board_turned_ms(const struct wn_board *board);

/** Post a status in place of the last one: it is copied. */
void wn_board_post(struct wn_board *board, const struct wn_status *status);

/**
 * Note the ends of a partition; they are joined to the status when it is read.
 *
 * @param high    High watermark, `stable`: last stable offset; -1: the brokers did not say.
 */
void wn_board_ends(struct wn_board *board, const char *topic, int32_t partition, int64_t high,
                   int64_t stable);

/**
 * Copy the last status.
 *
 * @param ret_status  The caller's to give to wn_status_deinit(); all-zero where none was posted.
 * @return whether one was posted.
 */
bool wn_board_read(struct wn_board *board, struct wn_status *ret_status);

/** A thread that asks the brokers for the ends of the partitions on the boards, every few seconds,
 * by readers of its own. */
struct wn_watch;

/**
 * Start it.
 *
 * @return WN_OK, or WN_FATAL: "internal" (no thread can be started).
 */
WN_NODISCARD
enum wn_code wn_watch_open(const struct wn_settings *settings, struct wn_board *const *boards,
                           unsigned n_boards, struct wn_watch **ret_watch, struct wn_error *err);

/** Stop it; waits for an answer of the brokers for two seconds at most. NULL is fine. @return NULL
 */
struct wn_watch *wn_watch_close(struct wn_watch *watch);

#endif
