// SPDX-License-Identifier: Apache-2.0

/* What must hold in every state, and what everything should come to. */

#include "model.h"

#include <stdio.h>
#include <string.h>

const char *bad(const S *s)
{
    static char b[120];
    switch (s->bad) {
    case 1:
        return "a partition is paused as a break although nothing was taken from it";
    case 2:
        return "a worker starts where head and committed offset do not agree, or takes a genesis "
               "that is none";
    case 4:
        return "a fenced worker that is not aware of it calls a break: a false alarm";
    case 3:
        return "the duplicate entries in memory are not what the outputs say";
    }
    for (int p = 0; p < NP; p++) {
        u8 off, head, ent, open;
        truth(s, p, &off, &head, &ent, &open);
        int broke = s->bk >> p & 1;
        /* After an accepted break that follows a loss of state, what was out before it may be out
         * again; nothing else may. */
        u8 free_ = broke && s->env & STATELOSS ? s->pb[p] : 0;
        if (s->o2[p] & ~free_)
            return "a record is out twice";
        for (int a = 0; a < 8; a++)
            for (int c = a + 1; c < 8; c++)
                if (s->o1[p] & ~free_ & 1 << a && s->o1[p] & ~free_ & 1 << c &&
                    key_[p][a] == key_[p][c])
                    return "a duplicate is out";
        /* An accepted break after the input lost records, after a reset, or after the head (and
         * with it the CRC) went with the old topic, may skip: it is receipted. A reset that nobody
         * has met yet is nobody's loss yet. */
        int may_skip =
            broke && (s->env & (E_TRIM | E_RESET) || (s->env & E_IREC && s->env & STATELOSS));
        if (off != NONE && !may_skip && !(s->env & E_RESET && !broke))
            if (!s->inc[p] || s->o1[p] >> 4)
                for (int r = 0; r < nrec[p][s->inc[p]] && r < off; r++)
                    if (!(keys_out(s, p) >> key_[p][r + 4 * s->inc[p]] & 1)) {
                        snprintf(b, sizeof b, "record %d is lost: committed past, never out",
                                 r + 4 * s->inc[p]);
                        return b;
                    }
        if (!(s->env & STATELOSS) && ent != keys_out(s, p))
            return "the committed duplicate entries are not what the outputs say";
        if (!s->env && off != head)
            return "head and offset were not committed together";
        if (!(s->env & (STATELOSS | E_EXPIRE | E_RESET)) && off != NONE &&
            s->rsum[p] + s->gap[p] + open != off)
            return "receipts and the open receipt do not sum up to the committed offset";
        if (broke && off != NONE && !(s->env & (E_EXPIRE | E_RESET)) && head == off &&
            s->rsum[p] + s->gap[p] + open != off)
            return "receipts and the open receipt do not sum up to the committed offset (after a "
                   "break)";
    }
    return NULL;
}
int goal(const S *s)
{
    for (int p = 0; p < NP; p++)
        if (s->offv[p] != eof(s, p))
            return 0;
    return 1;
}
