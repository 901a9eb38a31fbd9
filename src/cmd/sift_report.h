// SPDX-License-Identifier: Apache-2.0

/** What `winnow sift` says while it works and when it is done. */

#ifndef WINNOW_SIFT_REPORT_H
#define WINNOW_SIFT_REPORT_H

#include "winnow/files.h"

/** The progress line; all-zero begins. */
struct sift_progress {
    int64_t begun_ms, shown_ms; ///< Of the monotonic clock.
    bool shown;
};

/** Show how far it has come, on standard error, a few times a second: wn_files_tell. */
void sift_progress_tell(void *context, const struct wn_files_progress *progress);

/** Take the line away. */
void sift_progress_end(struct sift_progress *progress);

/** Append the summary in words. @param folder  DIR, as the user gave it. */
void sift_summary_text(const struct wn_files_summary *summary, const struct wn_policy *policy,
                       const char *folder, struct wn_buffer *ret_text);

/** Append the summary as one JSON object and a newline. */
void sift_summary_json(const struct wn_files_summary *summary, const struct wn_policy *policy,
                       struct wn_buffer *ret_text);

#endif
