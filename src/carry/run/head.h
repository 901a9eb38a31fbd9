// SPDX-License-Identifier: Apache-2.0

/**
 * Messages of the state log: changes, and the head that is the last of each transaction.
 *
 * The log of an input partition lies in the same partition of `winnow.state.<group>.<input>`. Every
 * message begins with a mark of 13 octets: kind, sequence of its transaction, part within it. So a
 * reader sees where a transaction's messages begin, and whether the first of them is still there.
 *
 * To extend: a further member goes to the end of the head under a new format number; readers refuse
 * numbers that they don't know.
 */

#ifndef WINNOW_HEAD_H
#define WINNOW_HEAD_H

#include "winnow/error.h"
#include "winnow/slice.h"

/** Kinds of messages. */
enum wn_log_kind {
    WN_LOG_CHANGES = 1, ///< Entries, as wn_state_each_message() writes them.
    WN_LOG_HEAD = 2,
};

enum {
    WN_MARK_BYTES = 13
};

/** What every message of the state log begins with. */
struct wn_mark {
    enum wn_log_kind kind;
    int64_t sequence; ///< Of the transaction; each head's is one more than the last one's.
    uint32_t part;    ///< 0 for the first message of the transaction.
};

/** Append a mark. */
void wn_mark_write(const struct wn_mark *mark, struct wn_buffer *ret_bytes);

/** Read a mark off the front of a message. @return WN_OK, or WN_FATAL: "state-lost" (not ours). */
WN_NODISCARD
enum wn_code wn_mark_read(struct wn_slice *bytes, struct wn_mark *ret_mark, struct wn_error *err);

/** Where the state messages of a wall-clock day begin. */
struct wn_day_mark {
    int32_t day;      ///< Days since 1970, UTC, when it was written.
    int64_t offset;   ///< In the state partition: no message of `sequence` lies before it.
    int64_t sequence; ///< Of the first transaction with changes that day.
};

enum {
    WN_DAY_MARKS = 512, ///< Days of a window, at most.
    WN_HEAD_TEXT = 249, ///< Length of a group's name, at most.
};

/** The last record that a head accounts for: is the input still the one that it was? */
struct wn_last {
    int64_t offset; ///< -1: there was none yet.
    int64_t timestamp_ms;
    uint32_t crc; ///< CRC-32C of its value.
};

/** The head: what the state log says of its input partition. */
struct wn_head {
    char group[WN_HEAD_TEXT + 1];
    uint32_t partitions; ///< Of the input, when the log was begun.
    uint8_t rule_id[8];  ///< The source's duplicate rule.
    int64_t sequence;
    int64_t next_offset; ///< The input's next record: equal to the committed offset.
    struct wn_last last;
    int64_t closed;    ///< Number of the last closed receipt; 0: none.
    char previous[65]; ///< SHA-256 of it as published, hex; "" for none.
    uint32_t n_days;
    struct wn_day_mark
        days[WN_DAY_MARKS]; ///< In order; the first is the oldest message still needed.
};

/**
 * Append a head's message body (what stands behind the mark).
 *
 * @param open  The open receipt as wn_receipt_write() wrote it unsigned; empty: nothing is open.
 */
void wn_head_write(const struct wn_head *head, struct wn_slice open, struct wn_buffer *ret_bytes);

/**
 * Read a head.
 *
 * @param ret_open  The open receipt; in `bytes`.
 * @return WN_OK, or WN_FATAL: "state-lost" (cut, damaged: it ends with a CRC; of another format).
 */
WN_NODISCARD
enum wn_code wn_head_read(struct wn_slice bytes, struct wn_head *ret_head,
                          struct wn_slice *ret_open, struct wn_error *err);

/**
 * Note that a transaction with changes is about to be written, and drop days that no record needs.
 *
 * An entry made on a day is of an event of at most the day after (later ones are `future`), and a
 * record older than the lateness window is `late`: so what was written more than `keep_days` ago
 * can't be asked for any more.
 *
 * @param offset  No message of it lies before this offset of the state partition.
 */
void wn_head_note(struct wn_head *head, int32_t today, int32_t keep_days, int64_t offset,
                  int64_t sequence);

/** Drop the days that no record needs, without a new one. */
void wn_head_forget(struct wn_head *head, int32_t today, int32_t keep_days);

#endif
