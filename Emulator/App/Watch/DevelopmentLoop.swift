import Bytes
import JSON
import Lambda
import Net

/// `emulator start --watch`: builds what was edited, and lets functions go on with their new programs.
@EventLoop
final class DevelopmentLoop {
    private let lambda: LambdaService
    private let broken: BrokenBuilds
    private let copies: ProgramCopies
    private let checked: CheckedBuilds
    private let tool: SwiftTool
    private let manifest: Manifest
    private let manifestPath: String
    private let note: (String) -> Void
    private var programs: [WatchedProgram]
    /// By package.
    private var maps: [String: SourceMap] = [:]
    private let folders: WatchedFolders
    /// Programs to be built, and the files that ask for it.
    private var edited: [Int: Set<String>] = [:]
    /// Programs whose files have changed.
    private var touched: Set<Int> = []
    private var isManifestTouched = false
    private var packagesTouched: Set<String> = []
    private var timer: LoopTimer?
    private var isWorking = false
    private var isEnded = false

    /// Editors and linkers write a file in several steps.
    private static let patienceMilliseconds = 120

    /// Makes the functions of the manifest run copies of their programs, and watches.
    static func start(_ emulator: Emulator, broken: BrokenBuilds) async throws -> DevelopmentLoop {
        let loop = try DevelopmentLoop(emulator, broken)
        loop.copies.removeAll()
        for index in loop.programs.indices where loop.programs[index].build != nil {
            try await loop.useProgram(index)
        }
        loop.watchAll()
        return loop
    }

    private init(_ emulator: Emulator, _ broken: BrokenBuilds) throws {
        let options = emulator.options
        lambda = emulator.lambda
        self.broken = broken
        copies = ProgramCopies(folder: options.data.programs)
        checked = CheckedBuilds(folder: options.data.checkedBuilds)
        tool = SwiftTool(environment: options.hostEnvironment)
        manifest = options.manifest
        manifestPath = Files.absolute(manifest.path) ?? manifest.path
        let note: (String) -> Void = { Terminal.note("[watch] \($0)") }
        self.note = note
        folders = WatchedFolders(note: note)
        var programs: [WatchedProgram] = []
        for function in manifest.functions {
            let path = try options.binaries.path(of: function, manifestDirectory: manifest.directory)
            if let index = programs.firstIndex(where: { $0.path == path }) {
                programs[index].functions.append(function.name)
            } else {
                programs.append(WatchedProgram(path: path, function: function.name))
            }
        }
        self.programs = programs
    }

    /// Ends what is being built; nothing is replaced any more.
    func stop() async {
        isEnded = true
        timer?.cancel()
        folders.forgetAll()
        await tool.end()
        copies.removeAll()
    }

    // MARK: - Watching

    private func watchAll() {
        folders.changed = { [weak self] in self?.changed($0) }
        let packages = Set(programs.compactMap { $0.build?.package })
        for package in packages {
            maps[package] = SourceMap(root: package, products: products(of: package))
        }
        watchFolders()
        Task { @EventLoop in
            for package in packages.sorted() { await describe(package) }
            guard !isEnded else { return }
            let built = programs.filter { $0.build != nil }.count
            note(
                "watching \(folders.count) folders: \(built) programs are built when their sources change, "
                    + "\(programs.count - built) are taken over when they are replaced")
            markStale()
            work()
        }
    }

    /// All that is not watched yet.
    private func watchFolders() {
        let manifestFolder = Self.folder(of: manifestPath)
        folders.watch(manifestFolder)
        for program in programs {
            folders.watchParents(of: program.folder, upTo: program.build?.package ?? manifestFolder)
            folders.watch(program.folder)
        }
        for (package, map) in maps {
            folders.watch(package)
            for folder in map.folders {
                folders.watchParents(of: folder.path, upTo: package)
                folders.watchTree(folder.path)
            }
        }
    }

    private func products(of package: String) -> Set<String> {
        Set(programs.compactMap { $0.build?.package == package ? $0.build?.product : nil })
    }

    /// What the package itself says of its targets; until then, and failing that, folders have to tell.
    private func describe(_ package: String) async {
        do throws(SwiftTool.Refusal) {
            let description = try await tool.describe(package)
            guard
                let map = SourceMap(description: description, root: package, products: products(of: package))
            else { throw SwiftTool.Refusal(words: "'swift package describe' has described no package") }
            maps[package] = map
            watchFolders()
        } catch {
            guard !isEnded else { return }
            note("\(package)/Package.swift does not tell what its programs are made of: \(error.words)")
        }
    }

    /// Programs that were built before the last edit of their sources or of their package's manifest, made while nobody
    /// watched.
    private func markStale() {
        for index in programs.indices {
            guard let build = programs[index].build, let map = maps[build.package],
                let built = checked.stamp(programs[index])
            else { continue }
            let package = "\(build.package)/Package.swift"
            if Files.stamp(package)?.isNewer(than: built) == true {
                edited[index, default: []].insert(package)
            }
            for folder in map.folders where folder.products.contains(build.product) {
                let newer = WatchedFolders.files(below: folder.path).filter { file in
                    map.products(of: file).contains(build.product)
                        && Files.stamp(file)?.isNewer(than: built) == true
                }
                if !newer.isEmpty { edited[index, default: []].formUnion(newer) }
            }
        }
    }

    private func changed(_ file: String) {
        if file == manifestPath {
            isManifestTouched = true
        } else if let index = programs.firstIndex(where: { $0.path == file }) {
            touched.insert(index)
        } else if file.hasSuffix("/Package.swift"), maps[Self.folder(of: file)] != nil {
            packagesTouched.insert(Self.folder(of: file))
        } else {
            guard replaced(file) || markAll(file) else { return }
        }
        timer?.cancel()
        timer = LoopTimer(afterMilliseconds: Self.patienceMilliseconds) { [weak self] in self?.work() }
    }

    /// A folder that has gone or come, if it is one of those that are watched as a whole, or one above them.
    private func replaced(_ folder: String) -> Bool {
        func isBelow(_ path: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }
        let roots = Set(maps.values.flatMap { $0.folders.map(\.path) }).filter(isBelow)
        let inside = programs.indices.filter { isBelow(programs[$0].folder) }
        guard !roots.isEmpty || !inside.isEmpty else { return false }
        folders.forget(folder)
        watchFolders()
        for root in roots {
            // That all of it has gone concerns its programs as well.
            for file in ["\(root)/a.swift"] + WatchedFolders.files(below: root) { mark(file) }
        }
        touched.formUnion(inside)
        return true
    }

    /// A file among the sources, or a folder that has gone or come there with all that it holds.
    /// - Returns: whether a program is made of it.
    private func markAll(_ path: String) -> Bool {
        let isAmongSources = maps.values.contains { !$0.products(of: "\(path)/a.swift").isEmpty }
        guard isAmongSources else { return mark(path) }
        var files = folders.forget(path) ? ["\(path)/a.swift"] : [path]
        if Files.isOwnDirectory(path) {
            folders.watchTree(path)
            files += WatchedFolders.files(below: path)
        }
        var isSource = false
        for file in files where mark(file) { isSource = true }
        return isSource
    }

    /// - Returns: whether a program is made of the file.
    @discardableResult
    private func mark(_ file: String) -> Bool {
        var isSource = false
        for (package, map) in maps {
            let products = map.products(of: file)
            for index in programs.indices {
                guard let build = programs[index].build, build.package == package,
                    products.contains(build.product)
                else { continue }
                edited[index, default: []].insert(file)
                isSource = true
            }
        }
        return isSource
    }

    // MARK: - Working

    private func work() {
        guard !isWorking, !isEnded else { return }
        isWorking = true
        Task { @EventLoop in
            while !isEnded, await step() {}
            isWorking = false
        }
    }

    /// - Returns: whether there may be more to do.
    private func step() async -> Bool {
        if isManifestTouched {
            isManifestTouched = false
            judgeManifest()
        } else if let package = packagesTouched.popFirst() {
            note("Package.swift has changed: its programs are built anew, new functions need a restart")
            await describe(package)
            for index in programs.indices where programs[index].build?.package == package {
                edited[index, default: []].insert("\(package)/Package.swift")
            }
        } else if let index = edited.keys.min() {
            await build(index, files: edited.removeValue(forKey: index) ?? [])
        } else if let index = touched.popFirst() {
            await takeOver(index)
        } else {
            return false
        }
        return true
    }

    private func judgeManifest() {
        do {
            let now = try ManifestReader.read(manifest.path)
            let added = now.functions.map(\.name).filter { manifest.function($0) == nil }
            let news = added.isEmpty ? "" : " (new: \(added.joined(separator: ", ")))"
            note("\(manifest.path) has changed\(news): restart the emulator to use it")
        } catch {
            note("\(manifest.path) has changed and cannot be used: \(error.message)")
        }
    }

    private func build(_ index: Int, files: Set<String>) async {
        guard let build = programs[index].build else { return }
        let names = programs[index].functions
        let title = names.joined(separator: ", ")
        let what = files.sorted().map { file in
            file.hasPrefix(build.package + "/") ? String(file.dropFirst(build.package.count + 1)) : file
        }
        note("\(title): building, since \(Self.list(what)) changed")
        checked.begin(programs[index])
        let outcome = await tool.run(build.arguments, in: build.package)
        guard !isEnded else { return }
        guard let outcome, outcome.status.code != 127 else {
            return note("\(title): there is no 'swift' on the PATH to build it with")
        }
        guard outcome.succeeded else { return failed(names, outcome) }
        checked.succeeded(programs[index])
        let wasBroken = names.contains { broken[$0] != nil }
        let isNew = Files.stamp(programs[index].path) != programs[index].stamp
        let effect =
            isNew ? "calls go to the new program" : "the program is the same as before"
        // Before the errors are gone: no call shall get to the program that was there before them.
        if isNew, await !replace(index) { return }
        for name in names { broken[name] = nil }
        note(
            "\(title): \(wasBroken ? "builds again" : "built") in \(outcome.duration.twoDecimals) s, \(effect)"
        )
    }

    private func failed(_ names: [String], _ outcome: SwiftTool.Outcome) {
        let output = outcome.words
        // What several functions share is told once.
        if !names.contains(where: { broken[$0] == output }) && !broken.contains(output) {
            Terminal.note(output.text)
        }
        for name in names { broken[name] = output }
        let count = output.errors.count
        note(
            "\(names.joined(separator: ", ")): does not build"
                + (count > 0 ? " (\(count) error\(count == 1 ? "" : "s"), " : " (\(outcome.ending), ")
                + "\(outcome.duration.twoDecimals) s); its routes answer 502 until it does")
    }

    /// Somebody else has built the program, or copied it here.
    private func takeOver(_ index: Int) async {
        let path = programs[index].path
        var last = Files.stamp(path)
        guard last != programs[index].stamp else { return }
        // A linker or a copy may still be writing.
        while true {
            await sleep(milliseconds: Self.patienceMilliseconds)
            let now = Files.stamp(path)
            if now == last { break }
            last = now
        }
        // Not there, or not to be run: the next change will tell.
        guard last != nil, last != programs[index].stamp, Files.isExecutable(path), !isEnded else { return }
        guard await replace(index) else { return }
        for name in programs[index].functions { broken[name] = nil }
        note("\(programs[index].functions.joined(separator: ", ")): calls go to the new program")
    }

    /// - Returns: whether calls go to the new program.
    private func replace(_ index: Int) async -> Bool {
        programs[index].generation += 1
        do {
            try await useProgram(index)
            return true
        } catch {
            note("\(programs[index].name): the new program cannot be used: \(error)")
            return false
        }
    }

    private func useProgram(_ index: Int) async throws {
        let stamp = Files.stamp(programs[index].path)
        let (program, copies) = (programs[index], copies)
        let path =
            program.build == nil ? program.path : try await runBlocking { try copies.add(program) }
        programs[index].stamp = stamp
        for name in program.functions { lambda.replaceProgram(of: name, with: path) }
    }

    // MARK: - Words

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private static func list(_ names: [String]) -> String {
        names.count <= 2
            ? names.joined(separator: " and ") : "\(names[0]) and \(names.count - 1) other files"
    }
}
