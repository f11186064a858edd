// The calls of the C library that change files, each carried out and noted in the journal; see journal.c.
#include "journal.h"

// MARK: Opening and closing

static int opening(int base, const char *path, int flags, mode_t mode) {
    int (*openat_)(int, const char *, int, ...) = REAL(openat);
    if (!powercut_active()) return openat_(base, path, flags, mode);
    struct place place = powercut_locate(base, path);
    struct stat status;
    if (!place.folder) {
        int descriptor = openat_(base, path, flags, mode);
        // Folders above the root are synced too; that matters for the root's own name only.
        powercut_forget(descriptor);
        if (descriptor >= 0 && !fstat(descriptor, &status) && S_ISDIR(status.st_mode)) powercut_follow(descriptor);
        return descriptor;
    }
    pthread_mutex_lock(&powercut_lock);
    uint64_t before = powercut_inode(base, path);
    int descriptor = openat_(base, path, flags, mode);
    int failure = errno;
    if (descriptor >= 0) {
        powercut_follow(descriptor);
        if (!before && !fstat(descriptor, &status)) powercut_note(CREATE, status.st_ino, place.folder, 0, place.name, 0, 0, 0);
        if (before && flags & O_TRUNC) powercut_note(TRUNCATE, before, 0, 0, 0, 0, 0, 0);
    }
    pthread_mutex_unlock(&powercut_lock);
    errno = failure;
    return descriptor;
}

static mode_t mode_of(int flags, va_list list) {
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...) {         \
        va_list list;                                    \
        va_start(list, flags);                           \
        mode_t mode = mode_of(flags, list);              \
        va_end(list);                                    \
        return opening(AT_FDCWD, path, flags, mode);     \
    }
#define OPENAT(name)                                          \
    int name(int base, const char *path, int flags, ...) {    \
        va_list list;                                         \
        va_start(list, flags);                                \
        mode_t mode = mode_of(flags, list);                   \
        va_end(list);                                         \
        return opening(base, path, flags, mode);              \
    }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)
int __open_2(const char *path, int flags) { return opening(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opening(AT_FDCWD, path, flags, 0); }
int __openat_2(int base, const char *path, int flags) { return opening(base, path, flags, 0); }
int __openat64_2(int base, const char *path, int flags) { return opening(base, path, flags, 0); }
int creat(const char *path, mode_t mode) { return opening(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static FILE *stream(const char *path, const char *mode, const char *name) {
    // Streams write past this library.
    if (powercut_active() && strpbrk(mode, "wa+") && powercut_locate(AT_FDCWD, path).folder) powercut_unknown("fopen for writing");
    return ((FILE * (*)(const char *, const char *)) powercut_real(name))(path, mode);
}
FILE *fopen(const char *path, const char *mode) { return stream(path, mode, "fopen"); }
FILE *fopen64(const char *path, const char *mode) { return stream(path, mode, "fopen64"); }

int close(int descriptor) {
    // A child that shares this memory until it runs a program has descriptors of its own.
    if (powercut_active()) powercut_forget(descriptor);
    return REAL(close)(descriptor);
}

static int copied(int old, int new) {
    if (powercut_active()) powercut_copy(old, new);
    return new;
}
int dup(int old) { return copied(old, REAL(dup)(old)); }
int dup2(int old, int new) { return copied(old, REAL(dup2)(old, new)); }
int dup3(int old, int new, int flags) { return copied(old, REAL(dup3)(old, new, flags)); }

// MARK: Contents

/// `length` bytes, of which `written` came to lie at `offset`, or before the descriptor's position when that is -1.
static void wrote(int descriptor, uint64_t file, const void *bytes, ssize_t written, off_t offset) {
    if (written <= 0) return;
    if (offset < 0) offset = lseek(descriptor, 0, SEEK_CUR) - written;
    powercut_note(WRITE, file, offset, 0, 0, 0, bytes, written);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    uint64_t file = powercut_followed(descriptor);
    if (!file) return REAL(write)(descriptor, bytes, length);
    pthread_mutex_lock(&powercut_lock);
    ssize_t written = REAL(write)(descriptor, bytes, length);
    int failure = errno;
    wrote(descriptor, file, bytes, written, -1);
    pthread_mutex_unlock(&powercut_lock);
    errno = failure;
    return written;
}

static ssize_t writing_at(int descriptor, const void *bytes, size_t length, off_t offset) {
    uint64_t file = powercut_followed(descriptor);
    if (!file) return REAL(pwrite)(descriptor, bytes, length, offset);
    pthread_mutex_lock(&powercut_lock);
    ssize_t written = REAL(pwrite)(descriptor, bytes, length, offset);
    int failure = errno;
    wrote(descriptor, file, bytes, written, offset);
    pthread_mutex_unlock(&powercut_lock);
    errno = failure;
    return written;
}
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    return writing_at(descriptor, bytes, length, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
    return writing_at(descriptor, bytes, length, offset);
}

static ssize_t writing_all(int descriptor, const struct iovec *pieces, int count, off_t offset) {
    ssize_t sum = 0;
    for (int index = 0; index < count; index++) {
        ssize_t written = offset < 0 ? write(descriptor, pieces[index].iov_base, pieces[index].iov_len)
                                     : writing_at(descriptor, pieces[index].iov_base, pieces[index].iov_len, offset + sum);
        if (written < 0) return sum ? sum : -1;
        sum += written;
        if ((size_t)written < pieces[index].iov_len) break;
    }
    return sum;
}
ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    if (powercut_followed(descriptor)) return writing_all(descriptor, pieces, count, -1);
    return REAL(writev)(descriptor, pieces, count);
}
ssize_t pwritev(int descriptor, const struct iovec *pieces, int count, off_t offset) {
    if (powercut_followed(descriptor)) return writing_all(descriptor, pieces, count, offset);
    return REAL(pwritev)(descriptor, pieces, count, offset);
}
ssize_t pwritev64(int descriptor, const struct iovec *pieces, int count, off64_t offset) {
    return pwritev(descriptor, pieces, count, offset);
}

/// Runs a call that may change a file's length and notes the new one.
#define RESIZING(descriptor, call)                                                                   \
    do {                                                                                             \
        uint64_t file = powercut_followed(descriptor);                                                   \
        if (!file) return call;                                                                      \
        pthread_mutex_lock(&powercut_lock);                                                                   \
        struct stat before, after;                                                                   \
        int result = fstat(descriptor, &before) ? -1 : call;                                         \
        int failure = errno;                                                                         \
        if (result == 0 && !fstat(descriptor, &after) && before.st_size != after.st_size)            \
            powercut_note(TRUNCATE, file, after.st_size, 0, 0, 0, 0, 0);                                      \
        pthread_mutex_unlock(&powercut_lock);                                                                 \
        errno = failure;                                                                             \
        return result;                                                                               \
    } while (0)
int ftruncate(int descriptor, off_t length) { RESIZING(descriptor, REAL(ftruncate)(descriptor, length)); }
int ftruncate64(int descriptor, off64_t length) { RESIZING(descriptor, REAL(ftruncate)(descriptor, length)); }
int posix_fallocate(int descriptor, off_t offset, off_t length) {
    RESIZING(descriptor, REAL(posix_fallocate)(descriptor, offset, length));
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
    RESIZING(descriptor, REAL(posix_fallocate)(descriptor, offset, length));
}
static int allocating(int descriptor, int mode, off_t offset, off_t length) {
    struct stat status;
    // Room that was reserved behind the end and is given back holds nothing.
    int is_behind = mode == (FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE) && !fstat(descriptor, &status)
                    && offset >= status.st_size;
    if (mode & ~FALLOC_FL_KEEP_SIZE && !is_behind && powercut_followed(descriptor)) powercut_unknown("fallocate with a mode");
    RESIZING(descriptor, REAL(fallocate)(descriptor, mode, offset, length));
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    return allocating(descriptor, mode, offset, length);
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
    return allocating(descriptor, mode, offset, length);
}
int truncate(const char *path, off_t length) {
    if (powercut_active() && powercut_locate(AT_FDCWD, path).folder) powercut_unknown("truncate");
    return REAL(truncate)(path, length);
}
ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *target, size_t length, unsigned flags) {
    if (powercut_followed(to)) powercut_unknown("copy_file_range");
    return REAL(copy_file_range)(from, start, to, target, length, flags);
}
static void *mapping(const char *name, void *place, size_t length, int access, int flags, int descriptor, off_t offset) {
    if (flags & MAP_SHARED && access & PROT_WRITE && powercut_followed(descriptor)) powercut_unknown("mmap for writing");
    return ((void *(*)(void *, size_t, int, int, int, off_t))powercut_real(name))(place, length, access, flags, descriptor, offset);
}
void *mmap(void *place, size_t length, int access, int flags, int descriptor, off_t offset) {
    return mapping("mmap", place, length, access, flags, descriptor, offset);
}
void *mmap64(void *place, size_t length, int access, int flags, int descriptor, off64_t offset) {
    return mapping("mmap64", place, length, access, flags, descriptor, offset);
}

// MARK: Syncs

static int syncing(int descriptor, int (*sync)(int)) {
    uint64_t file = powercut_followed(descriptor);
    if (!file) return sync(descriptor);
    pthread_mutex_lock(&powercut_lock);
    uint64_t until = powercut_position();
    pthread_mutex_unlock(&powercut_lock);
    // What is written from here on need not be included.
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    pthread_mutex_lock(&powercut_lock);
    powercut_note(SYNC, file, until, 0, 0, 0, 0, 0);
    pthread_mutex_unlock(&powercut_lock);
    return 0;
}
int fsync(int descriptor) { return syncing(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return syncing(descriptor, REAL(fdatasync)); }
/// Promises nothing after a power cut, so nothing is noted.
int sync_file_range(int descriptor, off64_t offset, off64_t length, unsigned flags) {
    (void)offset, (void)length, (void)flags;
    return powercut_followed(descriptor) ? 0 : REAL(sync_file_range)(descriptor, offset, length, flags);
}

// MARK: Names

static int renaming(int base, const char *old, int new_base, const char *new, unsigned flags) {
    struct place from = {0}, to = {0};
    if (powercut_active()) {
        from = powercut_locate(base, old);
        to = powercut_locate(new_base, new);
    }
    if (!from.folder && !to.folder) return REAL(renameat2)(base, old, new_base, new, flags);
    if (!from.folder || !to.folder || flags & ~RENAME_EXCHANGE) powercut_unknown("rename across the root");
    pthread_mutex_lock(&powercut_lock);
    uint64_t file = powercut_inode(base, old);
    int result = REAL(renameat2)(base, old, new_base, new, flags);
    int failure = errno;
    enum operation operation = flags & RENAME_EXCHANGE ? EXCHANGE : RENAME;
    if (result == 0) powercut_note(operation, file, from.folder, to.folder, from.name, to.name, 0, 0);
    pthread_mutex_unlock(&powercut_lock);
    errno = failure;
    return result;
}
int rename(const char *old, const char *new) { return renaming(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int base, const char *old, int new_base, const char *new) {
    return renaming(base, old, new_base, new, 0);
}
int renameat2(int base, const char *old, int new_base, const char *new, unsigned flags) {
    return renaming(base, old, new_base, new, flags);
}

/// Runs a call that makes or removes one name.
#define NAMING(operation, base, path, subject, call)                                      \
    do {                                                                                  \
        struct place place = powercut_active() ? powercut_locate(base, path) : (struct place){0};           \
        if (!place.folder) return call;                                                   \
        pthread_mutex_lock(&powercut_lock);                                                        \
        uint64_t file = subject;                                                          \
        int result = call;                                                                \
        int failure = errno;                                                              \
        if (result == 0) {                                                                \
            if (operation == MAKE_FOLDER) file = powercut_inode(base, path);                       \
            powercut_note(operation, file, place.folder, 0, place.name, 0, 0, 0);                  \
        }                                                                                 \
        pthread_mutex_unlock(&powercut_lock);                                                      \
        errno = failure;                                                                  \
        return result;                                                                    \
    } while (0)
static int linking(int base, const char *old, int new_base, const char *new, int flags) {
    NAMING(LINK, new_base, new, powercut_inode(base, old), REAL(linkat)(base, old, new_base, new, flags));
}
int link(const char *old, const char *new) { return linking(AT_FDCWD, old, AT_FDCWD, new, 0); }
int linkat(int base, const char *old, int new_base, const char *new, int flags) {
    return linking(base, old, new_base, new, flags);
}
static int removing(int base, const char *path, int flags) {
    NAMING(REMOVE, base, path, powercut_inode(base, path), REAL(unlinkat)(base, path, flags));
}
int unlink(const char *path) { return removing(AT_FDCWD, path, 0); }
int unlinkat(int base, const char *path, int flags) { return removing(base, path, flags); }
int rmdir(const char *path) { return removing(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int result = removing(AT_FDCWD, path, 0);
    return result && errno == EISDIR ? removing(AT_FDCWD, path, AT_REMOVEDIR) : result;
}
static int making(int base, const char *path, mode_t mode) {
    NAMING(MAKE_FOLDER, base, path, 0, REAL(mkdirat)(base, path, mode));
}
int mkdir(const char *path, mode_t mode) { return making(AT_FDCWD, path, mode); }
int mkdirat(int base, const char *path, mode_t mode) { return making(base, path, mode); }
int symlink(const char *target, const char *path) {
    if (powercut_active() && powercut_locate(AT_FDCWD, path).folder) powercut_unknown("symlink");
    return REAL(symlink)(target, path);
}
