#ifndef CSPAWN_H
#define CSPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a confined process sees at one place of its own file system. */
typedef enum {
    CSPAWN_FOLDER,      /* a folder of the host with all below it */
    CSPAWN_FILE,        /* a file of the host */
    CSPAWN_LINK,        /* a symbolic link; `source` is its text */
    CSPAWN_EMPTY,       /* an empty folder */
    CSPAWN_PROCESS_LIST, /* /proc: of its own processes where it has these, else the host's */
} cspawn_kind;

typedef struct {
    cspawn_kind kind;
    const char *source;
    const char *target; /* without a slash at its front; folders above it come in entries before */
} cspawn_entry;

typedef enum {
    CSPAWN_OPEN_FILES,
    CSPAWN_PROCESSES,
    CSPAWN_STACK,
    CSPAWN_CORE,
    CSPAWN_LOCKED_MEMORY,
} cspawn_resource;

typedef struct {
    cspawn_resource resource;
    uint64_t value;     /* soft and hard alike; no more than what is allowed now */
} cspawn_limit;

typedef struct {
    const char *program;            /* a path, as the child sees it; NULL only tries all that comes before */
    char *const *arguments;
    char *const *environment;
    const char *folder;             /* the working folder, as the child sees it */
    int input, output, errors;      /* become descriptors 0, 1 and 2 */

    int own_files;                  /* not 0: namespaces of its own, with a file system made of `entries` */
    int own_processes;              /* not 0, with own_files: it is the first process of a PID namespace */
    int joined;                     /* mount namespace of an earlier process to join instead, or -1 */
    int joined_processes;           /* that process's PID namespace, or -1 */
    const char *root;               /* an existing folder on which that file system is put together */
    const cspawn_entry *entries;
    size_t entry_count;
    uint64_t temporary_bytes;       /* size of its own /tmp */
    unsigned user, group;           /* who it believes to be there */

    const cspawn_limit *limits;
    size_t limit_count;
    int hides_others;               /* not 0: signals and traces reach no process but its own, if possible */
} cspawn_options;

typedef struct {
    pid_t pid;                      /* -1 when it was not started */
    int error;                      /* errno of what failed */
    const char *step;               /* what failed: "exec", or a step before */
} cspawn_result;

/* Starts a process. Returns once it runs the program, or has failed to. Not for several threads at once. */
cspawn_result cspawn_start(const cspawn_options *options);

/* A namespace of a process, "mnt" or "pid", as a descriptor that keeps it alive; -1 when that cannot be had. */
int cspawn_namespace(pid_t pid, const char *kind);

/* Version of the kernel's Landlock; 0 without. From 2 on other processes cannot be traced, nor their memory
 * and environment be read; from 6 on they cannot be sent signals either. */
int cspawn_landlock_version(void);

/* Lets this process open as many files as it may, and tells how many that are: many systems begin with 1,024. */
uint64_t cspawn_allow_files(void);

#endif
