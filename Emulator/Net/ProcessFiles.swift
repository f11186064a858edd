import CSpawn
import CUV
import Glibc

/// Lets this process open as many files as it may; many systems begin with 1,024, and each environment of a function
/// takes seven.
/// - Returns: how many that are.
@discardableResult public func allowManyFiles() -> Int { Int(clamping: cspawn_allow_files()) }

/// Keeps the file system of a confined process alive, with what it has written to its `/tmp`; and the PID namespace
/// that belongs to it, if there is one, with the process that keeps that alive.
public final class ProcessFiles: Sendable {
    let descriptor: Int32
    /// The PID namespace; -1 for the host's.
    let processes: Int32
    /// The same for all processes in it: what `/proc/PID/ns/mnt` leads to.
    public let number: UInt64
    /// The first process of the PID namespace; nil without one. When it ends, all others there are killed.
    public let keeper: Int32?
    /// What the keeper reads; it ends when this is closed, and so at the latest with the emulator.
    private let leash: Int32
    /// The keeper was killed: nothing can be started here any more.
    @EventLoop public private(set) var isGone = false

    /// - Returns: nil when the process is gone already, or has no file system of its own.
    convenience init?(of pid: Int32) { self.init(of: pid, leash: -1) }

    private init?(of pid: Int32, leash: Int32) {
        descriptor = cspawn_namespace(pid, "mnt")
        processes = leash < 0 ? -1 : cspawn_namespace(pid, "pid")
        keeper = leash < 0 ? nil : pid
        self.leash = leash
        var status = stat()
        var own = stat()
        // Never the emulator's own: everything that lives in it is to be killed one day.
        guard descriptor >= 0, leash < 0 || processes >= 0, fstat(descriptor, &status) == 0,
            stat("/proc/self/ns/mnt", &own) == 0, status.st_ino != own.st_ino
        else {
            number = 0
            return nil
        }
        number = UInt64(status.st_ino)
    }

    deinit { for descriptor in [descriptor, processes, leash] where descriptor >= 0 { close(descriptor) } }

    /// A program that waits until its input ends, and does nothing else.
    static var keeper: String? {
        ["/usr/bin/cat", "/bin/cat", "/run/current-system/sw/bin/cat"].lazy.compactMap { Files.absolute($0) }
            .first
    }

    /// Puts a file system together, with a PID namespace for the processes to come.
    @EventLoop static func make(_ confinement: Confinement) throws(NetError) -> ProcessFiles {
        guard let program = keeper else { throw .confinementRefused(reason: "there is no program 'cat'") }
        var ends: [uv_file] = [-1, -1]
        let idle = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { for end in [ends[0], idle] where end >= 0 { close(end) } }
        guard idle >= 0, uv_pipe(&ends, 0, 0) == 0 else {
            throw .confinementRefused(reason: "no pipe")
        }
        ChildReaper.prepare()
        let result = confinement.start(program, ["cat"], [], folder: "/", descriptors: (ends[0], idle, idle))
        guard result.pid > 0 else {
            close(ends[1])
            throw .confinementRefused(reason: Confinement.reason(result))
        }
        // From here on the leash is the object's to close, or that of what is left of it.
        guard let made = ProcessFiles(of: result.pid, leash: ends[1]) else {
            _ = Glibc.kill(result.pid, SIGKILL)
            ChildReaper.watch(result.pid) { _ in }
            throw .confinementRefused(reason: "namespaces of a process cannot be opened")
        }
        ChildReaper.watch(result.pid) { [weak made] _ in made?.isGone = true }
        return made
    }

    /// Ends all processes of the PID namespace, if there is one: wherever they have gone to, they are in it.
    /// - Returns: false without one.
    @EventLoop public func end() -> Bool {
        guard let keeper else { return false }
        if !isGone { _ = Glibc.kill(keeper, SIGKILL) }
        return true
    }

    /// Ends all processes that live here but the keeper.
    @EventLoop public func killAll() {
        // Most often nobody is left, and the keeper knows of no child.
        Self.killAll(in: [number], but: isGone ? nil : keeper)
    }

    /// Sends SIGKILL to every process that lives in one of these file systems, whatever group or session it
    /// has gone to. Looks through all processes of the machine: some 5 µs each.
    public static func killAll(in numbers: Set<UInt64>, but spared: Int32? = nil) {
        guard !numbers.isEmpty, let folder = opendir("/proc") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard let pid = Int32(name), stat("/proc/\(pid)/ns/mnt", &status) == 0,
                numbers.contains(UInt64(status.st_ino)), pid != getpid(), pid != spared
            else { continue }
            _ = Glibc.kill(pid, SIGKILL)
        }
    }
}
