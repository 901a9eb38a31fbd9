// SPDX-License-Identifier: Apache-2.0

/** `winnow quarantine replay`: take what was refused up again. */

#ifndef WINNOW_QUARANTINE_REPLAY_H
#define WINNOW_QUARANTINE_REPLAY_H

/** The command, as cmd_quarantine() calls it. @return exit status */
int quarantine_replay(int argc, char **argv);

#endif
