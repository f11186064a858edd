import CSpawn
import Glibc

/// What a child process is kept from, as far as the kernel allows an ordinary user to say so. Linux only.
public struct Confinement: Sendable {
    /// One thing that the process sees in its own file system; folders above it come in entries before.
    public struct Entry: Sendable, Equatable {
        public enum Kind: Sendable { case folder, file, link, empty, processList }
        public let kind: Kind
        /// A path of the host, or the text of a link.
        public let source: String
        /// Without a slash at its front.
        public let target: String

        private init(_ kind: Kind, _ source: String, _ target: String) {
            self.kind = kind
            self.source = source
            self.target = target
        }

        /// A folder of the host with all below it.
        public static func folder(_ source: String, at target: String) -> Entry {
            Entry(.folder, source, target)
        }
        /// A file or device of the host.
        public static func file(_ source: String, at target: String) -> Entry { Entry(.file, source, target) }
        public static func link(to text: String, at target: String) -> Entry { Entry(.link, text, target) }
        public static func empty(_ target: String) -> Entry { Entry(.empty, "", target) }
        /// What `/proc` is: the list of its own processes where it has these, else of the host's.
        public static func processList(at target: String) -> Entry { Entry(.processList, "", target) }
    }

    /// A file system of its own, all of it read-only but `/tmp`.
    public struct Files: Sendable {
        /// An existing folder of the host; what is put together on it is seen by the process alone.
        public var root: String
        public var entries: [Entry]
        /// What its `/tmp` may hold. It is memory of the machine, taken as it is filled.
        public var temporaryBytes: UInt64
        /// Who the process believes to be. To the host it is who the emulator is.
        public var user: UInt32
        public var group: UInt32
        /// Whether the processes that live there see themselves alone (a PID namespace). One further process, which
        /// does nothing, is the first of them.
        public var hasOwnProcesses: Bool

        public init(
            root: String, entries: [Entry], temporaryBytes: UInt64, user: UInt32, group: UInt32,
            hasOwnProcesses: Bool = false
        ) {
            self.root = root
            self.entries = entries
            self.temporaryBytes = temporaryBytes
            self.user = user
            self.group = group
            self.hasOwnProcesses = hasOwnProcesses
        }
    }

    /// A resource limit (setrlimit(2)), soft and hard alike; never above what the emulator has itself.
    public struct Limit: Sendable {
        public enum Resource: Sendable { case openFiles, processes, stack, core, lockedMemory }
        public let resource: Resource
        /// Bytes, or a number of files or processes.
        public let value: UInt64

        public init(_ resource: Resource, _ value: UInt64) {
            self.resource = resource
            self.value = value
        }
    }

    /// nil: the process sees the host's files.
    public var files: Files?
    /// The file system of an earlier process that is gone; used instead of making ``files`` anew.
    public var earlier: ProcessFiles?
    public var limits: [Limit]

    public init(files: Files?, earlier: ProcessFiles? = nil, limits: [Limit] = []) {
        self.files = files
        self.earlier = earlier
        self.limits = limits
    }

    /// Goes through all of it without running a program.
    /// - Returns: nil when the kernel allows it; else what it refuses.
    @EventLoop public func refusal() -> String? {
        if files?.hasOwnProcesses == true, ProcessFiles.keeper == nil { return "there is no program 'cat'" }
        let result = start(nil, [], [], folder: "/", descriptors: (0, 1, 2))
        return result.error == 0 ? nil : Self.reason(result)
    }

    /// What of other processes the kernel keeps from a confined one.
    public enum Privacy: Sendable {
        case none
        /// Their memory and environment.
        case memory
        /// These, and they cannot be sent signals.
        case all
    }

    public static var privacy: Privacy {
        switch cspawn_landlock_version() {
        case ..<2: .none
        case ..<6: .memory
        default: .all
        }
    }
}

extension Confinement {
    /// Starts a program with three descriptors as its standard streams.
    @EventLoop func start(
        _ program: String?, _ arguments: [String], _ environment: [String], folder: String,
        descriptors: (input: Int32, output: Int32, errors: Int32)
    ) -> cspawn_result {
        var texts = CTexts()
        defer { texts.release() }
        var argumentPointers = texts.list(arguments)
        var environmentPointers = texts.list(environment)
        let entries = (files?.entries ?? []).map { entry in
            cspawn_entry(
                kind: entry.kind.c, source: texts.add(entry.source), target: texts.add(entry.target))
        }
        let limits = limits.map { cspawn_limit(resource: $0.resource.c, value: $0.value) }
        var options = cspawn_options()
        options.program = UnsafePointer(program.flatMap { texts.add($0) })
        options.folder = UnsafePointer(texts.add(folder))
        (options.input, options.output, options.errors) = descriptors
        options.joined = earlier?.descriptor ?? -1
        options.joined_processes = earlier?.processes ?? -1
        options.hides_others = 1
        if let files {
            options.own_files = 1
            options.root = UnsafePointer(texts.add(files.root))
            options.temporary_bytes = files.temporaryBytes
            options.user = files.user
            options.group = files.group
            options.own_processes = files.hasOwnProcesses && earlier == nil ? 1 : 0
        }
        return entries.withUnsafeBufferPointer { entries in
            options.entries = entries.baseAddress
            options.entry_count = entries.count
            return limits.withUnsafeBufferPointer { limits in
                options.limits = limits.baseAddress
                options.limit_count = limits.count
                return argumentPointers.withUnsafeMutableBufferPointer { arguments in
                    options.arguments = UnsafePointer(arguments.baseAddress)
                    return environmentPointers.withUnsafeMutableBufferPointer { environment in
                        options.environment = UnsafePointer(environment.baseAddress)
                        return cspawn_start(&options)
                    }
                }
            }
        }
    }

    static func reason(_ result: cspawn_result) -> String {
        "\(String(cString: result.step)): \(String(cString: strerror(result.error)))"
    }
}

extension Confinement.Entry.Kind {
    fileprivate var c: cspawn_kind {
        switch self {
        case .folder: CSPAWN_FOLDER
        case .file: CSPAWN_FILE
        case .link: CSPAWN_LINK
        case .empty: CSPAWN_EMPTY
        case .processList: CSPAWN_PROCESS_LIST
        }
    }
}

extension Confinement.Limit.Resource {
    fileprivate var c: cspawn_resource {
        switch self {
        case .openFiles: CSPAWN_OPEN_FILES
        case .processes: CSPAWN_PROCESSES
        case .stack: CSPAWN_STACK
        case .core: CSPAWN_CORE
        case .lockedMemory: CSPAWN_LOCKED_MEMORY
        }
    }
}

/// Copies of texts for C, released together.
private struct CTexts {
    private var pointers: [UnsafeMutablePointer<CChar>?] = []

    mutating func add(_ text: String) -> UnsafeMutablePointer<CChar>? {
        let pointer = strdup(text)
        pointers.append(pointer)
        return pointer
    }

    /// With a null pointer at its end.
    mutating func list(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { add($0) } + [nil]
    }

    func release() { for pointer in pointers { free(pointer) } }
}
