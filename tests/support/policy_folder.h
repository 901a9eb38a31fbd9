// SPDX-License-Identifier: Apache-2.0

/** Policies written by a test: a scratch folder that goes away, and files in it. */

#ifndef POLICY_FOLDER_H
#define POLICY_FOLDER_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/** Make a folder `p` in a new scratch folder, and go there. */
static inline void policy_folder_enter(char scratch[64])
{
    strcpy(scratch, "/tmp/winnow-policy-XXXXXX");
    char *made = mkdtemp(scratch);
    int rc = made ? chdir(made) : -1;
    assert(rc == 0);
    rc = mkdir("p", 0700);
    assert(rc == 0);
}

/** Write a schema file in `p`. */
static inline void policy_folder_write(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "p/%s", name);
    FILE *file = fopen(path, "w");
    assert(file);
    fputs(text, file);
    fclose(file);
}

/** Remove a file of `p`; one that is not there is fine. */
static inline void policy_folder_remove(const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "p/%s", name);
    (void)unlink(path);
}

/** Go out and remove the scratch folder, whose `p` is empty. */
static inline void policy_folder_leave(const char *scratch)
{
    (void)rmdir("p");
    (void)!chdir("/");
    (void)rmdir(scratch);
}

#endif
