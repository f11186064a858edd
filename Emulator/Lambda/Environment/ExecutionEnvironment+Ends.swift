import Glibc
import Net

extension ExecutionEnvironment {
    /// A process that has closed its connections by ending becomes visible as ended within so many milliseconds.
    private static let looks = 150

    /// Whether the process has ended, although that has not been reported yet.
    var hasEnded: Bool {
        guard let process else { return true }
        var found = siginfo_t()
        // Leaves the status for whoever reaps the process; an error says that this has been done.
        let code = waitid(P_PID, id_t(process.pid), &found, WEXITED | WNOHANG | WNOWAIT)
        return code != 0 || found.si_signo == SIGCHLD
    }

    /// Whether a message broke off because its process has ended: that is to be told, not the truncated message.
    func endsSoon() async -> Bool {
        // A task of its own: that of a call is cancelled with its connection, and would not wait.
        await Task { @EventLoop in
            for _ in 0..<Self.looks {
                if self.hasEnded { return true }
                await sleep(milliseconds: 1)
            }
            return self.hasEnded
        }.value
    }
}
