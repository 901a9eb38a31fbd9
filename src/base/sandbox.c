// SPDX-License-Identifier: Apache-2.0

/*
 * Landlock by its three system calls: libc has no wrappers, and linux/landlock.h of Debian 12 knows
 * less than newer kernels enforce, so what is newer is named here. A right that the kernel does not
 * know yet must not be asked for: rights come by version.
 *
 * Seccomp refuses what winnow never does. A list of what it does instead would be shorter to attack
 * but breaks with each new libc and librdkafka; systemd's unit has that list (@system-service).
 */

#define _GNU_SOURCE // NOLINT: O_PATH.

#include "winnow/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef WINNOW_SECCOMP
#include <seccomp.h>
#endif

// Newer than Debian 12's header.
#define ACCESS_FS_TRUNCATE (1ULL << 14)  // Version 3.
#define ACCESS_FS_IOCTL_DEV (1ULL << 15) // Version 5.

enum {
    VERSION_REFER = 2,
    VERSION_TRUNCATE = 3,
    VERSION_IOCTL_DEV = 5
};

static const uint64_t reads = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

static const uint64_t writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                               LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                               LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                               LANDLOCK_ACCESS_FS_REFER | ACCESS_FS_TRUNCATE;

/** What no rule gives: devices, links, programs. */
static const uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                              LANDLOCK_ACCESS_FS_MAKE_SYM | ACCESS_FS_IOCTL_DEV;

/** What may be said of a file that is no folder. */
static const uint64_t of_files =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_FS_TRUNCATE;

/** @return the rights that a version of Landlock can withhold. */
static uint64_t rights_of(int version)
{
    uint64_t rights = reads | writes | never;
    rights &= version < VERSION_REFER ? ~(uint64_t)LANDLOCK_ACCESS_FS_REFER : rights;
    rights &= version < VERSION_TRUNCATE ? ~ACCESS_FS_TRUNCATE : rights;
    rights &= version < VERSION_IOCTL_DEV ? ~ACCESS_FS_IOCTL_DEV : rights;
    return rights;
}

/** @return 0, or -1 with errno. */
static int add_rule(int ruleset, const struct wn_sandbox_rule *rule, uint64_t rights)
{
    struct stat status;
    const int fd = open(rule->path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = rights & (rule->access == WN_SANDBOX_WRITE ? reads | writes : reads),
        .parent_fd = fd,
    };
    int rc = fstat(fd, &status);
    if (rc == 0 && !S_ISDIR(status.st_mode)) {
        beneath.allowed_access &= of_files;
    }
    rc = rc == 0
             ? (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0)
             : rc;
    const int kept = errno;
    (void)close(fd);
    errno = kept;
    return rc;
}

/** @return 0, or -1 with errno. */
static int enter_landlock(const struct wn_sandbox_rule *rules, size_t n, int version)
{
    const uint64_t rights = rights_of(version);
    const struct landlock_ruleset_attr all = { .handled_access_fs = rights };
    const int ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all.handled_access_fs), 0);
    if (ruleset < 0) {
        return -1;
    }
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = add_rule(ruleset, &rules[i], rights);
    }
    rc = rc == 0 ? (int)syscall(SYS_landlock_restrict_self, ruleset, 0) : rc;
    const int kept = errno;
    (void)close(ruleset);
    errno = kept;
    return rc;
}

#ifdef WINNOW_SECCOMP
static const char *const refused[] = {
    // Other programs and processes.
    "execve",
    "execveat",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",
    // Other file systems and namespaces.
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "setns",
    "unshare",
    "open_by_handle_at",
    "swapon",
    "swapoff",
    "quotactl",
    "quotactl_fd",
    "mknod",
    "mknodat",
    // The kernel and the machine.
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "reboot",
    "acct",
    "syslog",
    "iopl",
    "ioperm",
    "modify_ldt",
    "personality",
    "vhangup",
    "lookup_dcookie",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    // The kernel's keyrings, and other people.
    "add_key",
    "keyctl",
    "request_key",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "setfsuid",
    "setfsgid",
    "capset",
};

/** @return NULL, or why it does not hold. */
static const char *enter_seccomp(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter) {
        return "libseccomp gave no filter";
    }
    int rc = 0;
    for (size_t i = 0; i < WN_COUNT(refused) && rc == 0; i++) {
        const int number = seccomp_syscall_resolve_name(refused[i]);
        if (number >= 0) { // Else this machine has none of that name.
            rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
        }
    }
    rc = rc == 0 ? seccomp_load(filter) : rc;
    seccomp_release(filter);
    return rc == 0 ? NULL : "the kernel took no filter";
}
#else
static const char *enter_seccomp(void)
{
    return "built without libseccomp";
}
#endif

void wn_sandbox_enter(const struct wn_sandbox_rule *rules, size_t n,
                      struct wn_sandbox_result *ret_result)
{
    *ret_result = (struct wn_sandbox_result){ .landlock = 0 };
    int rc = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const int version =
        (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    rc = rc == 0 && version < 1 ? -1 : rc;
    rc = rc == 0 ? enter_landlock(rules, n, version) : rc;
    ret_result->landlock = rc == 0 ? version : 0;
    ret_result->landlock_errno = rc == 0 ? 0 : errno;
    ret_result->without = enter_seccomp();
    ret_result->seccomp = !ret_result->without;
}
