/* Starts processes inside namespaces of their own.
 *
 * C, because between clone and exec the child shares the parent's memory: nothing may allocate, lock or run
 * Swift's runtime there. Compared with fork, no page table is copied, however large the emulator is; compared
 * with a helper program between, one exec is saved. The parent's thread waits meanwhile, as with vfork. */

#include "files.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Headers may be older than the kernel. */
#define NAMESPACE_GET_USER 0xb701
#define LANDLOCK_VERSION 1u
#define LANDLOCK_REFER (1ull << 13)
#define LANDLOCK_SCOPE_BOTH 3ull
#define CLOSE_RANGE_ON_EXEC 4u
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

typedef struct {
    const cspawn_options *options;
    cspawn_failure failure;
    sigset_t mask;
    pid_t parent;
    /* Of the program, when it was not started by clone's caller itself. */
    pid_t inner;
    char user_map[32], group_map[32];
} launch;

static int write_text(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t length = (ssize_t)strlen(text);
    ssize_t count = write(descriptor, text, (size_t)length);
    int error = errno;
    close(descriptor);
    errno = error;
    return count == length ? 0 : -1;
}

static int become_user(launch *launch) {
    /* Without this, an ordinary user may not map a group. */
    if (write_text("/proc/self/setgroups", "deny") < 0 && errno != ENOENT) return -1;
    if (write_text("/proc/self/uid_map", launch->user_map) < 0) return -1;
    return write_text("/proc/self/gid_map", launch->group_map);
}

static int join(int mount_namespace) {
    int user_namespace = ioctl(mount_namespace, NAMESPACE_GET_USER);
    if (user_namespace < 0) return -1;
    if (setns(user_namespace, CLONE_NEWUSER) < 0) return -1;
    return setns(mount_namespace, CLONE_NEWNS);
}

int cspawn_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
    return version < 0 ? 0 : (int)version;
}

/* From here on, signals and ptrace reach only processes that this one will have started. The ruleset
 * restricts nothing else: older kernels want one that handles files, and renaming across folders, which any
 * such ruleset forbids, is allowed again everywhere. Kernels without Landlock leave it at that. */
static void leave_others_alone(void) {
    struct { uint64_t files, network, scopes; } rules = {0, 0, LANDLOCK_SCOPE_BOTH};
    size_t size = sizeof rules;
    int version = cspawn_landlock_version();
    if (version < 2) return;
    if (version < 6) {
        rules.files = LANDLOCK_REFER;
        size = sizeof rules.files;
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0) return;
    if (version < 6) {
        struct { uint64_t allowed; int32_t folder; } __attribute__((packed)) rule = {LANDLOCK_REFER, -1};
        rule.folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (rule.folder >= 0) syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0);
        close(rule.folder);
    }
    syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}

static int set_limits(const cspawn_options *options) {
    static const int resources[] = {
        [CSPAWN_OPEN_FILES] = RLIMIT_NOFILE, [CSPAWN_PROCESSES] = RLIMIT_NPROC, [CSPAWN_STACK] = RLIMIT_STACK,
        [CSPAWN_CORE] = RLIMIT_CORE, [CSPAWN_LOCKED_MEMORY] = RLIMIT_MEMLOCK,
    };
    for (size_t index = 0; index < options->limit_count; index++) {
        const cspawn_limit *limit = &options->limits[index];
        int resource = resources[limit->resource];
        struct rlimit present;
        if (getrlimit(resource, &present) < 0) return -1;
        rlim_t value = limit->value < present.rlim_max ? limit->value : present.rlim_max;
        struct rlimit wanted = {value, value};
        if (setrlimit(resource, &wanted) < 0) return -1;
    }
    return 0;
}

static int place_descriptors(const cspawn_options *options) {
    int given[3] = {options->input, options->output, options->errors};
    /* One of the three may have a number below 3 itself: out of the way first. */
    for (int index = 0; index < 3; index++) {
        if (given[index] > 2) continue;
        given[index] = fcntl(given[index], F_DUPFD_CLOEXEC, 3);
        if (given[index] < 0) return -1;
    }
    for (int index = 0; index < 3; index++)
        if (dup2(given[index], index) < 0) return -1;
    /* Whatever somebody has opened without the flag is not for the child. Kernels before 5.11 do not know it. */
    syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_ON_EXEC);
    return 0;
}

static void reset_signals(const sigset_t *mask) {
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP) sigaction(number, &usual, NULL);
    sigprocmask(SIG_SETMASK, mask, NULL);
}

#define STEP(name, call) \
    do { \
        launch->failure.step = name; \
        if ((call) < 0) { \
            launch->failure.error = errno; \
            _exit(127); \
        } \
    } while (0)

/* What is left to be done in the namespaces that the program runs in. */
static int run(void *argument) {
    launch *launch = argument;
    const cspawn_options *options = launch->options;
    STEP("setsid", setsid());
    STEP("folder", chdir(options->folder));
    STEP("descriptors", place_descriptors(options));
    STEP("limits", set_limits(options));
    STEP("privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (options->hides_others) leave_others_alone();
    STEP("parent", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
    /* The parent may have ended before it was asked for. From within a PID namespace it cannot be seen; there the
     * first process ends with the parent, and all others with that one. */
    if (options->joined_processes < 0 && !options->own_processes && getppid() != launch->parent) _exit(127);
    sigset_t none;
    sigemptyset(&none);
    reset_signals(&none);
    /* The first process of a namespace becomes the parent of all orphans there: the kernel shall reap them. */
    if (options->own_processes) signal(SIGCHLD, SIG_IGN);
    launch->failure.step = "exec";
    if (options->program != NULL) execve(options->program, options->arguments, options->environment);
    launch->failure.error = options->program == NULL ? 0 : errno;
    _exit(127);
}

/* Only processes started from now on are in a PID namespace that was joined: the program is a further one, whose
 * parent is this one's. */
static void run_inside(launch *launch) {
    static _Alignas(16) char stack[64 * 1024];
    pid_t pid = clone(run, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, launch);
    if (pid < 0) {
        launch->failure = (cspawn_failure){errno, "clone"};
        _exit(127);
    }
    launch->inner = pid;
    _exit(0);
}

static int child(void *argument) {
    launch *launch = argument;
    const cspawn_options *options = launch->options;
    umask(022);
    if (options->joined >= 0) {
        STEP("join", join(options->joined));
        if (options->joined_processes >= 0) {
            STEP("join", setns(options->joined_processes, CLONE_NEWPID));
            run_inside(launch);
        }
    } else if (options->own_files) {
        STEP("user", become_user(launch));
        if (cspawn_make_files(options, &launch->failure) < 0) _exit(127);
    }
    return run(launch);
}

static void reap(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

cspawn_result cspawn_start(const cspawn_options *options) {
    /* Aligned as every ABI wants it; the child uses a few kilobytes. */
    static _Alignas(16) char stack[64 * 1024];
    launch launch = {.options = options, .parent = getpid(), .inner = -1};
    snprintf(launch.user_map, sizeof launch.user_map, "%u %u 1", options->user, (unsigned)geteuid());
    snprintf(launch.group_map, sizeof launch.group_map, "%u %u 1", options->group, (unsigned)getegid());
    int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    if (options->own_files && options->joined < 0) flags |= CLONE_NEWUSER | CLONE_NEWNS;
    if (options->own_files && options->own_processes && options->joined < 0) flags |= CLONE_NEWPID;
    /* No handler of ours may run in the child, whose memory is ours. */
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &launch.mask);
    launch.failure.step = "clone";
    pid_t pid = clone(child, stack + sizeof stack, flags, &launch);
    if (pid < 0) launch.failure.error = errno;
    pthread_sigmask(SIG_SETMASK, &launch.mask, NULL);
    /* The step may be a text of the caller's, which does not last. */
    static char step[96];
    snprintf(step, sizeof step, "%s", launch.failure.step);
    cspawn_result result = {pid, launch.failure.error, step};
    if (pid > 0 && options->joined_processes >= 0) {
        reap(pid);
        result.pid = launch.inner;
    }
    if (result.pid > 0 && (result.error != 0 || options->program == NULL)) {
        reap(result.pid);
        result.pid = -1;
    }
    return result;
}

int cspawn_namespace(pid_t pid, const char *kind) {
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, kind);
    return open(path, O_RDONLY | O_CLOEXEC);
}

#else

#include <errno.h>

cspawn_result cspawn_start(const cspawn_options *options) {
    (void)options;
    cspawn_result result = {-1, ENOSYS, "clone"};
    return result;
}

int cspawn_namespace(pid_t pid, const char *kind) {
    (void)pid;
    (void)kind;
    return -1;
}

int cspawn_landlock_version(void) { return 0; }

#endif

#include <sys/resource.h>

uint64_t cspawn_allow_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return UINT64_MAX;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
    return limit.rlim_cur;
}
