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
    private let tool: SwiftTool
    private let manifest: Manifest
    private let manifestPath: String
    private let note: (String) -> Void
    private var programs: [WatchedProgram]
    /// By package.
    private var maps: [String: SourceMap] = [:]
    private var watches: [String: FolderWatch] = [:]
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
    /// A folder of sources with more folders than this is watched in part.
    private static let mostFolders = 4_096

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
        tool = SwiftTool(environment: options.hostEnvironment)
        manifest = options.manifest
        manifestPath = Files.absolute(manifest.path) ?? manifest.path
        note = { Terminal.note("[watch] \($0)") }
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
    func stop() {
        isEnded = true
        timer?.cancel()
        for watch in watches.values { watch.cancel() }
        tool.end()
        copies.removeAll()
    }

    // MARK: - Watching

    private func watchAll() {
        watch(Self.folder(of: manifestPath))
        for program in programs { watch(program.folder) }
        let packages = Set(programs.compactMap { $0.build?.package })
        for package in packages {
            watch(package)
            maps[package] = SourceMap(root: package, products: products(of: package))
            watchSources(of: package)
        }
        Task { @EventLoop in
            for package in packages.sorted() { await describe(package) }
            let built = programs.filter { $0.build != nil }.count
            note(
                "watching \(watches.count) folders: \(built) programs are built when their sources change, "
                    + "\(programs.count - built) are taken over when they are replaced")
        }
    }

    private func products(of package: String) -> Set<String> {
        Set(programs.compactMap { $0.build?.package == package ? $0.build?.product : nil })
    }

    /// What the package itself says of its targets; until then, and failing that, folders have to tell.
    private func describe(_ package: String) async {
        guard let description = await tool.describe(package),
            let map = SourceMap(description: description, root: package, products: products(of: package))
        else { return }
        maps[package] = map
        watchSources(of: package)
    }

    private func watchSources(of package: String) {
        for folder in maps[package]?.folders ?? [] { watchTree(folder.path) }
    }

    private func watchTree(_ folder: String) {
        watch(folder)
        for name in Files.names(in: folder) where name.first != "." && Files.isDirectory("\(folder)/\(name)")
        {
            watchTree("\(folder)/\(name)")
        }
    }

    private func watch(_ folder: String) {
        guard watches[folder] == nil, watches.count < Self.mostFolders, Files.isDirectory(folder) else {
            return
        }
        do {
            watches[folder] = try FolderWatch(folder) { [weak self] name in
                self?.changed(name.isEmpty ? folder : "\(folder)/\(name)")
            }
        } catch {
            note("cannot watch \(folder): \(error)")
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
            let wasFolder = forget(file)
            let files = Files.isDirectory(file) ? taken(file) : [wasFolder ? "\(file)/a.swift" : file]
            var isSource = false
            for file in files where mark(file) { isSource = true }
            guard isSource else { return }
        }
        timer?.cancel()
        timer = LoopTimer(afterMilliseconds: Self.patienceMilliseconds) { [weak self] in self?.work() }
    }

    private func holdsSources(_ folder: String) -> Bool {
        maps.values.contains { !$0.products(of: "\(folder)/a.swift").isEmpty }
    }

    /// A folder that has gone is watched no more, even if another one has come in its place by now.
    /// - Returns: whether it was a folder of sources.
    private func forget(_ folder: String) -> Bool {
        guard watches[folder] != nil, holdsSources(folder) else { return false }
        for (path, watch) in watches where path == folder || path.hasPrefix(folder + "/") {
            watch.cancel()
            watches[path] = nil
        }
        return true
    }

    /// A folder that has come among the sources, with all that it holds.
    private func taken(_ folder: String) -> [String] {
        guard holdsSources(folder) else { return [] }
        watchTree(folder)
        return Files.names(in: folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            return Files.isDirectory(path) ? taken(path) : [path]
        }
    }

    /// - Returns: whether a program is made of the file.
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
            note("Package.swift has changed: new functions need a restart, sources are looked for again")
            await describe(package)
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
        let outcome = await tool.run(build.arguments, in: build.package)
        guard !isEnded else { return }
        guard let outcome, outcome.status.code != 127 else {
            return note("\(title): there is no 'swift' on the PATH to build it with")
        }
        guard outcome.succeeded else { return failed(names, outcome) }
        let wasBroken = names.contains { broken[$0] != nil }
        for name in names { broken[name] = nil }
        let isNew = Files.stamp(programs[index].path) != programs[index].stamp
        let effect =
            isNew ? "calls go to the new program" : "the program is the same as before"
        if isNew { await replace(index) }
        note(
            "\(title): \(wasBroken ? "builds again" : "built") in \(outcome.duration.twoDecimals) s, \(effect)"
        )
    }

    private func failed(_ names: [String], _ outcome: SwiftTool.Outcome) {
        let output = CompilerOutput(String(utf8: outcome.output + outcome.errors))
        // What several functions share is told once.
        if !names.contains(where: { broken[$0] == output }) && !broken.contains(output) {
            Terminal.note(output.text)
        }
        for name in names { broken[name] = output }
        let count = output.errors.count
        note(
            "\(names.joined(separator: ", ")): does not build"
                + (count > 0 ? " (\(count) error\(count == 1 ? "" : "s"), " : " (")
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
        await replace(index)
        for name in programs[index].functions { broken[name] = nil }
        note("\(programs[index].functions.joined(separator: ", ")): calls go to the new program")
    }

    private func replace(_ index: Int) async {
        programs[index].generation += 1
        do {
            try await useProgram(index)
        } catch {
            note("\(programs[index].name): the new program cannot be used: \(error)")
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
