import Glibc
import Net

/// Sees to it that no function outlives the emulator, however that ends.
///
/// The kernel's parent-death signal reaches a function's first process, not what that has started. So one
/// small shell holds the other end of a socket and is told of each process and of each file system made for
/// them; when the emulator is gone, even by SIGKILL, the kernel closes the socket, and the shell kills those
/// that are left: each with its process group, and all that lives in one of the file systems, whatever group
/// it has gone to. It runs in a process group of its own, out of reach of a terminal's Ctrl-C, and only once a
/// function has been started.
@EventLoop final class OrphanGuard {
    private var descriptor: Int32 = -1
    private var pid: pid_t = 0
    /// A machine that refuses to start a shell still runs functions; it is not asked again.
    private var isTried = false

    private static let script = """
        list=' '
        while read -r change item; do
            case $change in
                +) list="$list$item " ;;
                -) case $list in *" $item "*) list="${list%% "$item" *} ${list#* "$item" }" ;; esac ;;
            esac
        done
        for item in $list; do
            case $item in files*) ;; *) kill -9 -$item ;; esac
        done
        case $list in *files*)
            for process in /proc/[0-9]*; do
                files=$(readlink $process/ns/mnt) || continue
                files=${files#*:?}
                case $list in *" files${files%?} "*) kill -9 ${process#/proc/} ;; esac
            done ;;
        esac
        """

    /// Starts the shell, before the first process that it is told of.
    func prepare() {
        guard !isTried else { return }
        isTried = true
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return }
        defer { close(ends[1]) }
        if spawn(input: ends[1]) {
            descriptor = ends[0]
        } else {
            close(ends[0])
        }
    }

    func add(_ pid: Int32) { tell("+ \(pid)\n") }
    func remove(_ pid: Int32) { tell("- \(pid)\n") }
    func add(_ files: ProcessFiles) { tell("+ files\(files.number)\n") }
    func remove(_ files: ProcessFiles) { tell("- files\(files.number)\n") }

    /// Lets the shell end, and waits for it: it has nothing to do any more.
    func close() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    private func close(_ descriptor: Int32) { Glibc.close(descriptor) }

    private func tell(_ line: String) {
        guard descriptor >= 0 else { return }
        // A socket, not a pipe: a guard that somebody killed must not kill us by SIGPIPE.
        var line = line
        _ = line.withUTF8 { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private func spawn(input: Int32) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = ["sh", "-c", Self.script].map { (text: String) in strdup(text) } + [nil]
        var variables = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        return posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, &variables) == 0
    }
}
