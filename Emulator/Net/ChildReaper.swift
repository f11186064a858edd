import Glibc

/// Learns of the ends of processes that libuv has not started.
@EventLoop enum ChildReaper {
    private static var watched: [Int32: (ExitStatus) -> Void] = [:]
    private static var isListening = false

    /// To be called before a process is started: it may end at once, and its signal must not be missed.
    static func prepare() {
        guard !isListening else { return }
        isListening = true
        onSignal(SIGCHLD) { collect() }
    }

    /// To be called in the turn of the loop in which the process was started; `ended` is called once.
    static func watch(_ pid: Int32, _ ended: @escaping @EventLoop (ExitStatus) -> Void) {
        watched[pid] = ended
    }

    /// One signal may stand for several ends, and for ends of others' processes, which are not touched.
    private static func collect() {
        for pid in Array(watched.keys) {
            var status: Int32 = 0
            var result: Int32
            repeat { result = waitpid(pid, &status, WNOHANG) } while result < 0 && errno == EINTR
            guard result != 0 else { continue }
            // Who waited for it in our place took its status along.
            if result < 0 { status = 0 }
            watched.removeValue(forKey: pid)?(decoded(status))
        }
    }

    /// The layout of wait(2)'s status; its macros are not Swift's.
    static func decoded(_ status: Int32) -> ExitStatus {
        let signal = Int(status & 0x7f)
        return ExitStatus(code: signal == 0 ? Int(status >> 8 & 0xff) : 0, signal: signal)
    }
}
