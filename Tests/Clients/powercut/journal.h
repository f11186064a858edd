// What journal.c offers calls.c; see journal.c.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum operation { CREATE = 1, MAKE_FOLDER, LINK, RENAME, REMOVE, WRITE, TRUNCATE, SYNC, EXCHANGE, UNKNOWN };

/// What `dlsym` finds behind this library.
#define REAL(name) ((__typeof__(&name))powercut_real(#name))
void *powercut_real(const char *name);

/// Held while a call is carried out and noted, so that the journal's order is the true one.
extern pthread_mutex_t powercut_lock;

/// Whether there is a journal to write to.
int powercut_active(void);

/// Appends a record; the lock is held.
void powercut_note(enum operation operation, uint64_t file, uint64_t first, uint64_t second, const char *name,
                   const char *second_name, const void *data, uint64_t data_bytes);

/// Where the next record will stand; the lock is held.
uint64_t powercut_position(void);

/// Notes something that this library does not understand: the test has to fail.
void powercut_unknown(const char *what);

struct place {
    uint64_t folder;  // inode number of the folder, 0 when the path is not below the root
    char name[NAME_MAX + 1];
};

/// Splits a path into its folder and its name there.
struct place powercut_locate(int base, const char *path);

/// The inode number at a path, 0 when there is none.
uint64_t powercut_inode(int base, const char *path);

/// The inode number behind a descriptor that is followed, else 0.
uint64_t powercut_followed(int descriptor);

/// Follows a descriptor if it is of a file or folder.
void powercut_follow(int descriptor);

/// Follows `new` as it follows `old`.
void powercut_copy(int old, int new);

void powercut_forget(int descriptor);
