// SPDX-License-Identifier: Apache-2.0

/**
 * The consent file while records flow: which version counts for the next batch or transaction.
 *
 * The file is looked at now and then, and read anew where it is another one (inode, size,
 * times). A version is swapped in between batches or transactions only, so that one never rests on
 * two. A new file that is wrong, or none at all, is said in the log; the old version stays, and
 * once the file has differed from it for longer than its limit, it counts no longer: what needs
 * consent is withheld (`list-too-old`), and nothing else stops.
 *
 * Threads: one at a time; but several may hold versions, each its own, by wn_consent_file_hold().
 * With `beside`, files are read by a thread of its own, so that a worker does not wait for millions
 * of rows.
 */

#ifndef WINNOW_CONSENT_FILE_H
#define WINNOW_CONSENT_FILE_H

#include "winnow/consent.h"

/** What it is made of; all must outlive it. */
struct wn_consent_file_options {
    const char *file; ///< NULL: there is none, nobody has consented.
    const struct wn_policy *policy;
    const struct wn_site *site;
    struct wn_keyring *keyring;
    int64_t limit_ms; ///< How long a version counts that is no longer what the file says.
    int64_t look_ms;  ///< How long a look at the file is good for.
    bool beside;      ///< Read later versions in a thread.
};

struct wn_consent_file;

/**
 * Read the first version; waits for it.
 *
 * @param faults  What is wrong with it, for who wants to stop; NULL: it is said in the log. Without
 *                a good version what needs consent is withheld until there is one.
 * @return never NULL; the caller's to give to wn_consent_file_close().
 */
struct wn_consent_file *wn_consent_file_open(const struct wn_consent_file_options *options,
                                             struct wn_faults *faults);

/** Wipe and close; NULL is fine. @return NULL */
struct wn_consent_file *wn_consent_file_close(struct wn_consent_file *file);

/** @return whether there is a root of purpose `consent`, or no file that would need one. */
bool wn_consent_file_has_key(const struct wn_consent_file *file);

/** @return when the version that counts was written [UTC ms], by its file; 0: none counts.
 *
 * Threads: any. */
int64_t wn_consent_file_changed_ms(struct wn_consent_file *file);

/**
 * Look whether there is a newer version, and swap it in.
 *
 * To be called where no batch or transaction is open.
 *
 * @param clock_ms  A clock that never goes back [ms].
 * @return what counts from now on; good until the next call.
 */
const struct wn_consent_view *wn_consent_file_look(struct wn_consent_file *file, int64_t clock_ms);

/**
 * Look, and hold what counts from now on in place of what was held before. Other workers may go on
 * with an older version meanwhile: it lives as long as one holds it.
 *
 * @param held  All-zero at first; to be given to wn_consent_file_drop() at the end.
 *
 * Threads: any, each with a `held` of its own; none may use wn_consent_file_look() besides.
 */
void wn_consent_file_hold(struct wn_consent_file *file, int64_t clock_ms,
                          struct wn_consent_view *held);

/** Hold nothing any more. Threads: any. */
void wn_consent_file_drop(struct wn_consent_file *file, struct wn_consent_view *held);

#endif
