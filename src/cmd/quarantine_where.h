// SPDX-License-Identifier: Apache-2.0

/** Where a quarantine is: in a folder of sift, or in the topic of a configuration. */

#ifndef WINNOW_QUARANTINE_WHERE_H
#define WINNOW_QUARANTINE_WHERE_H

#include "command.h"
#include "winnow/quarantine.h"

struct quarantine_where {
    const char *folder; ///< NULL: topics.
    struct wn_settings settings;
};

/** An envelope, and where its record lies. */
struct quarantine_at {
    const char *place;                  ///< File from DIR; or the input partition, "raw.calls[0]".
    const struct wn_envelope *envelope; ///< `sealed` is empty where it was dropped.
    bool replayed;                      ///< It was taken up again since.
};

typedef enum wn_code quarantine_visit(void *context, const struct quarantine_at *at,
                                      struct wn_error *err);

/**
 * Take one of DIR and `--config F`.
 *
 * @param n       Operands of the command line; `folder` is the first.
 * @param ret_where  To be given to quarantine_where_close(), also on failure.
 * @return CMD_DONE, or an exit status: what is wrong was said.
 */
int quarantine_where_open(const struct cmd_usage *usage, int n, const char *folder,
                          const char *config, struct quarantine_where *ret_where);

/** Read the public half of the signing key, from the keys folder; no secret is read. @return
 * whether it could be. */
bool quarantine_signer(const struct wn_settings *settings, uint8_t ret_key[32],
                       struct wn_error *err);

/** Give the memory back. */
void quarantine_where_close(struct quarantine_where *where);

/**
 * Visit all envelopes, the pieces of a record in their order.
 *
 * In topics, what strangers wrote there is counted on standard error.
 */
WN_NODISCARD
enum wn_code quarantine_each(const struct quarantine_where *where, quarantine_visit *visit,
                             void *context, struct wn_error *err);

#endif
