import Glibc
import Net

/// How far functions are kept apart from this machine, which depends on what its kernel allows.
@EventLoop public final class Isolation {
    /// What the user wants.
    public enum Choice: String, Sendable {
        /// As much as the kernel allows.
        case full
        /// Functions see the machine's files. Limits and privileges are the same.
        case none
    }

    /// `sbx_user1051`, who runs functions on AWS.
    private static let user: UInt32 = 993
    private static let group: UInt32 = 990

    /// Why functions see the machine's files; nil when they have their own.
    public private(set) var refusal: String?
    /// Why functions see the machine's processes in `/proc`; nil when each environment sees its own alone.
    public private(set) var processesRefusal: String?
    private let shared: [Confinement.Entry]
    private let limits: [Confinement.Limit]

    /// Asks the kernel, with a process that ends at once.
    init(_ choice: Choice, sharedFolders: [String], temporaryDirectory: String) {
        shared = FunctionFiles.shared() + FunctionFiles.visible(sharedFolders)
        var limits: [Confinement.Limit] = [
            .init(.openFiles, 1024), .init(.stack, 8 << 20), .init(.core, 0), .init(.lockedMemory, 64 << 10),
        ]
        // Counted for each user namespace apart only since Linux 5.14; before, it would count all that the
        // user runs.
        if System.kernelVersion >= (5, 14) { limits.append(.init(.processes, 1024)) }
        self.limits = limits
        guard choice == .full else {
            refusal = "it was started so"
            return
        }
        do throws(EnvironmentFailure) {
            let root = try ScratchFolder.make(below: temporaryDirectory, name: "isolation")
            defer { ScratchFolder.remove(root) }
            // What is refused with a list of processes of its own may be allowed without.
            processesRefusal = files(root: root, entries: [], temporaryMB: 1).refusal()
            if processesRefusal != nil { refusal = files(root: root, entries: [], temporaryMB: 1).refusal() }
        } catch {
            refusal = error.reason
        }
    }

    var hasOwnFiles: Bool { refusal == nil }

    /// A process was refused what the first one was allowed.
    func giveUp(_ reason: String) { refusal = reason }

    /// What is not kept apart, in sentences for the user.
    public var notes: [String] {
        var notes: [String] = []
        if let refusal {
            notes.append(
                "Functions see this machine's files (\(refusal)): their /tmp is a folder named by TMPDIR, "
                    + "LAMBDA_TASK_ROOT is where their code lies, and nothing is read-only to them.")
        }
        if refusal == nil, let processesRefusal {
            notes.append("Functions see the list of this machine's processes (\(processesRefusal)).")
        }
        guard refusal != nil || processesRefusal != nil else { return notes }
        switch Confinement.privacy {
        case .all: break
        case .memory: notes.append("Functions can send signals to your other processes.")
        case .none:
            notes.append(
                "Functions can see and signal your other processes, and read their environment "
                    + "(this kernel has no Landlock).")
        }
        return notes
    }

    /// - Parameter root: an existing folder.
    func confinement(root: String, _ files: FunctionFiles, temporaryMB: Int) -> Confinement {
        guard hasOwnFiles else { return Confinement(files: nil, limits: withoutProcesses) }
        return self.files(root: root, entries: files.entries, temporaryMB: temporaryMB)
    }

    private func files(root: String, entries: [Confinement.Entry], temporaryMB: Int) -> Confinement {
        Confinement(
            files: .init(
                root: root, entries: shared + entries, temporaryBytes: UInt64(temporaryMB) << 20,
                user: Self.user, group: Self.group, hasOwnProcesses: processesRefusal == nil),
            limits: limits)
    }

    private var withoutProcesses: [Confinement.Limit] { limits.filter { $0.resource != .processes } }
}
