import Glibc
import Net

extension ExecutionEnvironment {
    /// Whether the process has ended, although that has not been reported yet. Its connections are closed a moment
    /// before: what it had posted in part is to be told as its end, not as a truncated message.
    var hasEnded: Bool {
        guard let process else { return true }
        for _ in 0..<Self.looks {
            var found = siginfo_t()
            // Leaves the status for whoever reaps the process; an error says that this has been done.
            let code = waitid(P_PID, id_t(process.pid), &found, WEXITED | WNOHANG | WNOWAIT)
            if code != 0 || found.si_signo == SIGCHLD { return true }
            usleep(1000)
        }
        return false
    }

    /// A process that has closed its connections by ending becomes visible as ended within so many milliseconds.
    private static let looks = 10
}
