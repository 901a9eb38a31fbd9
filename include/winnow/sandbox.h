// SPDX-License-Identifier: Apache-2.0

/**
 * What the process gives up for the rest of its life: files that it does not need (Landlock,
 * landlock(7)), and system calls that it never makes (seccomp, by libseccomp). A fault in what
 * reads other people's bytes then gives no shell and no other file.
 *
 * Threads: to be entered before the first one is started: Landlock binds the calling thread and
 * what it starts.
 */

#ifndef WINNOW_SANDBOX_H
#define WINNOW_SANDBOX_H

#include "winnow/base.h"

enum wn_sandbox_access {
    WN_SANDBOX_READ,  ///< Files and folders below are read.
    WN_SANDBOX_WRITE, ///< … and written, made, renamed, removed.
};

/** A folder with all that is below it, or a file. A path is what it names when the sandbox is
 * entered: a file that is replaced by renaming is out of reach, unless its folder is in a rule. */
struct wn_sandbox_rule {
    const char *path;
    enum wn_sandbox_access access;
};

/** What holds from now on. */
struct wn_sandbox_result {
    int landlock;        ///< Version of the kernel's Landlock; 0: it has none, or refused.
    int landlock_errno;  ///< Why, where that is 0.
    bool seccomp;        ///< System calls are refused with EPERM.
    const char *without; ///< Why not, in words, where that is false.
};

/**
 * Give up everything but the rules' files, which system calls besides those of the program's own
 * work (programs, other processes, mounts, kernel modules, keyrings of the kernel …), and all
 * rights to be gained (PR_SET_NO_NEW_PRIVS). Files that are open stay open. No program may be run.
 *
 * A rule whose path is not there is passed over. What the kernel lacks is left out and said: the
 * caller decides whether that matters.
 */
void wn_sandbox_enter(const struct wn_sandbox_rule *rules, size_t n,
                      struct wn_sandbox_result *ret_result);

#endif
