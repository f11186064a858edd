/* The file system of a confined process: folders and files of the host, read-only, and a /tmp of its own.
 * Runs between clone and exec in memory shared with the parent: system calls alone. */

#include "files.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define WHOLE_TREE 0x8000u
#define ATTRIBUTE_READ_ONLY 1ull
#define ATTRIBUTE_NO_SETUID 2ull

static int make_file(const char *path) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return -1;
    close(descriptor);
    return 0;
}

static int make_folder(const char *path) { return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0; }

static int make_entry(const cspawn_options *options, const cspawn_entry *entry) {
    switch (entry->kind) {
    case CSPAWN_LINK: return symlink(entry->source, entry->target);
    case CSPAWN_EMPTY: return make_folder(entry->target);
    case CSPAWN_FOLDER:
        if (make_folder(entry->target) < 0) return -1;
        /* With what is mounted below: parts of another's tree cannot be taken without. */
        return mount(entry->source, entry->target, NULL, MS_BIND | MS_REC, NULL);
    case CSPAWN_FILE:
        if (make_file(entry->target) < 0) return -1;
        return mount(entry->source, entry->target, NULL, MS_BIND, NULL);
    case CSPAWN_PROCESS_LIST:
        if (make_folder(entry->target) < 0) return -1;
        if (options->own_processes)
            return mount("proc", entry->target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
        return mount("/proc", entry->target, NULL, MS_BIND | MS_REC, NULL);
    }
    return 0;
}

static int make_read_only_mount(const char *target) {
    struct statvfs state;
    if (statvfs(target, &state) < 0) return -1;
    /* Flags that the host has set must be kept. */
    unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID;
    if (state.f_flag & ST_NODEV) flags |= MS_NODEV;
    if (state.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
    if (state.f_flag & ST_NOATIME) flags |= MS_NOATIME;
    if (state.f_flag & ST_NODIRATIME) flags |= MS_NODIRATIME;
    if (state.f_flag & ST_RELATIME) flags |= MS_RELATIME;
    return mount(NULL, target, NULL, flags, NULL);
}

static int is_late(const cspawn_entry *entry);

/* For kernels before 5.12, mount by mount. What is mounted below a folder stays as it is there. */
static int make_read_only_one_by_one(const cspawn_options *options) {
    for (size_t index = 0; index < options->entry_count; index++) {
        const cspawn_entry *entry = &options->entries[index];
        if (is_late(entry) || entry->kind == CSPAWN_LINK || entry->kind == CSPAWN_EMPTY) continue;
        if (make_read_only_mount(entry->target) < 0) return -1;
    }
    return mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

static int make_read_only(const cspawn_options *options) {
    struct { uint64_t set, clear, propagation, user; } attributes = {
        ATTRIBUTE_READ_ONLY | ATTRIBUTE_NO_SETUID, 0, 0, 0};
    if (syscall(SYS_mount_setattr, AT_FDCWD, ".", WHOLE_TREE, &attributes, sizeof attributes) == 0) return 0;
    return errno == ENOSYS ? make_read_only_one_by_one(options) : -1;
}

/* What lies below /tmp can only be made once that is there. */
static int is_late(const cspawn_entry *entry) { return strncmp(entry->target, "tmp/", 4) == 0; }

static int make_late(const cspawn_options *options, const cspawn_entry *entry) {
    if (make_entry(options, entry) < 0) return -1;
    if (entry->kind != CSPAWN_FOLDER && entry->kind != CSPAWN_FILE) return 0;
    return make_read_only_mount(entry->target);
}

#define STEP(name, call) \
    do { \
        failure->step = name; \
        if ((call) < 0) { \
            failure->error = errno; \
            return -1; \
        } \
    } while (0)

int cspawn_make_files(const cspawn_options *options, cspawn_failure *failure) {
    char size[64];
    snprintf(size, sizeof size, "mode=1777,size=%llu", (unsigned long long)options->temporary_bytes);
    STEP("root", mount("root", options->root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m"));
    STEP("root", chdir(options->root));
    for (size_t index = 0; index < options->entry_count; index++) {
        const cspawn_entry *entry = &options->entries[index];
        if (!is_late(entry)) STEP(entry->target, make_entry(options, entry));
    }
    STEP("tmp", make_folder("tmp"));
    STEP("read-only", make_read_only(options));
    STEP("tmp", mount("tmp", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, size));
    for (size_t index = 0; index < options->entry_count; index++) {
        const cspawn_entry *entry = &options->entries[index];
        if (is_late(entry)) STEP(entry->target, make_late(options, entry));
    }
    /* The old root comes to lie upon the new one, and is taken off. */
    STEP("pivot", (int)syscall(SYS_pivot_root, ".", "."));
    STEP("pivot", umount2(".", MNT_DETACH));
    return 0;
}

#endif
