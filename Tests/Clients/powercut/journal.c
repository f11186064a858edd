// Writes down what a process asks of the file system, for LD_PRELOAD. From that journal powercut.py works out what
// a strict disk would hold had the power gone at any moment: contents as of a file's last sync, names as of their
// folder's last sync.
//
//   POWERCUT_ROOT     folder whose files are followed; an absolute path without symbolic links
//   POWERCUT_JOURNAL  file to write to; it is made, and outlives a SIGKILL because it is mapped into memory
//
// Syncs are not passed on, the journal stands for the disk; they take a moment, as on a disk, so that writers meet.
#include "journal.h"

struct record {
    uint32_t bytes;  // of the whole record; 0 at the end of the journal
    uint32_t operation;
    uint64_t time;  // CLOCK_MONOTONIC, nanoseconds, when the operation had ended
    uint64_t file;  // inode number
    uint64_t first, second;
    uint32_t name_bytes, second_name_bytes;
    uint64_t data_bytes;
};

#define CAPACITY (1ull << 31)
#define DESCRIPTORS 65536

pthread_mutex_t powercut_lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static char *journal;
static uint64_t position;
static uint64_t followed[DESCRIPTORS];  // inode number by descriptor, 0 for others
static pid_t owner;

void *powercut_real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("POWERCUT_ROOT"), *file = getenv("POWERCUT_JOURNAL");
    if (!folder || !file) return;
    int descriptor = REAL(open)(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || REAL(ftruncate)(descriptor, CAPACITY)) abort();
    journal = mmap(NULL, CAPACITY, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (journal == MAP_FAILED) abort();
    REAL(close)(descriptor);
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    owner = getpid();
    // What is started from here is none of ours.
    unsetenv("LD_PRELOAD");
}

int powercut_active(void) { return journal && getpid() == owner; }

void powercut_note(enum operation operation, uint64_t file, uint64_t first, uint64_t second, const char *name,
                     const char *second_name, const void *data, uint64_t data_bytes) {
    struct record record = {.operation = operation, .file = file, .first = first, .second = second};
    record.name_bytes = name ? strlen(name) : 0;
    record.second_name_bytes = second_name ? strlen(second_name) : 0;
    record.data_bytes = data_bytes;
    uint64_t bytes = sizeof record + record.name_bytes + record.second_name_bytes + data_bytes;
    bytes = (bytes + 7) & ~7ull;
    if (position + bytes + sizeof record > CAPACITY || bytes > UINT32_MAX) abort();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    record.time = now.tv_sec * 1000000000ull + now.tv_nsec;
    char *place = journal + position;
    char *next = place + sizeof record;
    if (name) next = mempcpy(next, name, record.name_bytes);
    if (second_name) next = mempcpy(next, second_name, record.second_name_bytes);
    if (data) memcpy(next, data, data_bytes);
    memcpy(place, &record, sizeof record);
    // The length comes last: it makes the record count.
    __atomic_store_n((uint32_t *)place, (uint32_t)bytes, __ATOMIC_RELEASE);
    position += bytes;
}

uint64_t powercut_position(void) { return position; }

void powercut_unknown(const char *what) {
    pthread_mutex_lock(&powercut_lock);
    powercut_note(UNKNOWN, 0, 0, 0, what, NULL, NULL, 0);
    pthread_mutex_unlock(&powercut_lock);
}

// MARK: Paths

struct place powercut_locate(int base, const char *path) {
    struct place place = {0};
    char whole[PATH_MAX], folder[PATH_MAX], resolved[PATH_MAX];
    if (path[0] == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char link[64], start[PATH_MAX];
        if (base == AT_FDCWD) {
            if (!getcwd(start, sizeof start)) return place;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", base);
            ssize_t length = readlink(link, start, sizeof start - 1);
            if (length < 0) return place;
            start[length] = 0;
        }
        if (snprintf(whole, sizeof whole, "%s/%s", start, path) >= (int)sizeof whole) return place;
    }
    size_t length = strlen(whole);
    while (length > 1 && whole[length - 1] == '/') whole[--length] = 0;
    char *slash = strrchr(whole, '/');
    if (!slash || strlen(slash + 1) > NAME_MAX) return place;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash == whole ? 1 : slash - whole), whole);
    if (!realpath(folder, resolved)) return place;
    if (strncmp(resolved, root, root_length) || (resolved[root_length] && resolved[root_length] != '/')) return place;
    struct stat status;
    if (stat(resolved, &status)) return place;
    place.folder = status.st_ino;
    strcpy(place.name, slash + 1);
    return place;
}

uint64_t powercut_inode(int base, const char *path) {
    struct stat status;
    return fstatat(base, path, &status, AT_SYMLINK_NOFOLLOW) ? 0 : status.st_ino;
}

// Descriptors may have been closed unseen, so the number alone says nothing.
uint64_t powercut_followed(int descriptor) {
    if (!powercut_active() || descriptor < 0 || descriptor >= DESCRIPTORS || !followed[descriptor]) return 0;
    struct stat status;
    if (fstat(descriptor, &status) || status.st_ino != followed[descriptor]) return 0;
    return status.st_ino;
}

void powercut_follow(int descriptor) {
    struct stat status;
    if (descriptor >= 0 && descriptor < DESCRIPTORS && !fstat(descriptor, &status))
        followed[descriptor] = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? status.st_ino : 0;
}

void powercut_copy(int old, int new) {
    if (new >= 0 && new < DESCRIPTORS && old >= 0 && old < DESCRIPTORS) followed[new] = followed[old];
}

void powercut_forget(int descriptor) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS) followed[descriptor] = 0;
}
