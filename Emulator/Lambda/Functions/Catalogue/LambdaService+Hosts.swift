import AWSProtocol
import Net
import Store

/// A version of a function, found by a name and a qualifier.
public struct ResolvedFunction: Sendable, Equatable {
    public var name: String
    /// `$LATEST` or a number.
    public var version: String
    /// With the qualifier that was asked for, if there was one.
    public var arn: String

    /// Where its host is kept.
    var key: String { version == VersionRecord.latest ? name : "\(name):\(version)" }
}

/// Why there is no host for an invocation.
enum HostFailure: Error {
    case missing
    /// Its code could not be made ready on this machine.
    case unready(String)
}

extension LambdaService {
    /// The version that a qualifier names: itself, or where an alias leads this time.
    /// - Parameter qualifier: `$LATEST`, a number, an alias, or nil for `$LATEST`.
    /// - Returns: nil when there is no such function, version or alias.
    public func resolve(_ name: String, qualifier: String?) -> ResolvedFunction? {
        let record = known(name)
        guard declared[name] != nil || record != nil else { return nil }
        let arn = configuration.functionARN(name)
        guard let qualifier else {
            return ResolvedFunction(name: name, version: VersionRecord.latest, arn: arn)
        }
        var version = qualifier
        if qualifier != VersionRecord.latest {
            if let alias = record?.aliases[qualifier] {
                version = alias.version(drawing: neighbours.random)
            } else if record?.version(qualifier) == nil {
                return nil
            }
        }
        return ResolvedFunction(name: name, version: version, arn: "\(arn):\(qualifier)")
    }

    /// The reserved concurrency of a function; nil when none is reserved, or there is no such function.
    public func reservedConcurrency(of name: String) -> Int? {
        known(name)?.reserved ?? declared[name]?.reservedConcurrency
    }

    /// All hosts that have or may have environments.
    var allHosts: [FunctionHost] { Array(hosts.values) + Array(retired.values) }

    func group(of name: String) -> FunctionGroup {
        if let group = groups[name] { return group }
        let log = FunctionLog(path: functionLogPath(name), maximumBytes: configuration.maxLogBytes)
        let group = FunctionGroup(log: log, accountLimit: configuration.maxEnvironments)
        group.reserved = reservedConcurrency(of: name)
        groups[name] = group
        return group
    }

    /// Closes the log of a function that is gone, when the last of its hosts is gone too.
    func forgetGroup(of name: String) {
        guard let group = groups[name], group.isEmpty, declared[name] == nil, known(name) == nil else {
            return
        }
        group.log.flush()
        groups[name] = nil
    }

    // MARK: - Finding and making hosts

    func host(of name: String, qualifier: String?) async -> Result<FunctionHost, HostFailure> {
        // Most calls are of `$LATEST`, and it is there.
        if qualifier == nil, let host = hosts[name] { return .success(host) }
        guard let resolved = resolve(name, qualifier: qualifier) else { return .failure(.missing) }
        if let host = hosts[resolved.key] { return .success(host) }
        return await makeHost(resolved)
    }

    /// Makes ready what a version needs, and a host for it. The version may change meanwhile.
    private func makeHost(_ resolved: ResolvedFunction) async -> Result<FunctionHost, HostFailure> {
        while true {
            guard let record = known(resolved.name), let version = record.version(resolved.version)
            else { return .failure(.missing) }
            let definition: FunctionDefinition
            do {
                definition = try await self.definition(record, version)
            } catch {
                // Its code may have been exchanged, or removed with the function, on the way.
                guard known(resolved.name)?.version(resolved.version) == version else { continue }
                return .failure(.unready("\(error)"))
            }
            if let host = hosts[resolved.key] { return .success(host) }
            guard let now = known(resolved.name), now.version(resolved.version) == version,
                now.provisioned(for: resolved.version) == record.provisioned(for: resolved.version),
                // Swept away while it belonged to nobody.
                [definition.taskFolder, definition.layerFolder].allSatisfy({ codeFolders.isThere($0) })
            else { continue }
            let host = FunctionHost(definition: definition, service: self)
            hosts[resolved.key] = host
            host.startAhead()
            return .success(host)
        }
    }

    /// What a host has to know of a version, with its code and layers in their folders.
    private func definition(
        _ record: FunctionRecord, _ version: VersionRecord
    ) async throws -> FunctionDefinition {
        let layers = version.layers.compactMap { layerVersion($0) }
        let (folders, store) = (codeFolders, catalogue.store)
        let layerFolder = CodeFolders.layers(layers.map(\.code.digest))
        try await runBlocking {
            try folders.make(version.code.digest, from: [store.path(of: version.code)])
            if let layerFolder {
                try folders.make(layerFolder, from: layers.map { store.path(of: $0.code) })
            }
        }
        let task = folders.folder(version.code.digest)
        let opt = layerFolder.map { folders.folder($0) }
        var definition = FunctionDefinition(
            name: record.name, executablePath: "\(task)/bootstrap", handler: version.handler,
            memoryMB: version.memoryMB, timeoutMilliseconds: version.timeoutSeconds * 1_000,
            reservedConcurrency: configuration.maxEnvironments,
            environment: endpointVariables.merging(version.environment) { $1 },
            description: version.settings["Description"]?.string ?? "")
        definition.version = version.version
        definition.taskFolder = task
        definition.layerFolder = opt
        definition.ephemeralStorageMB = version.ephemeralStorageMB
        definition.provisionedConcurrency = record.provisioned(for: version.version)
        definition.logging = version.logging
        if definition.logging.group == "/aws/lambda/\(record.name)" { definition.logging.group = nil }
        await RuntimeChoice.choose(for: version, opt: opt, in: &definition, self)
        return definition
    }

    /// Where the SDKs of functions made by requests find AWS, as those of the manifest do.
    private var endpointVariables: [String: String] {
        neighbours.port == 0 ? [:] : ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(neighbours.port)"]
    }

    /// A layer's version by its ARN.
    func layerVersion(_ arn: String) -> LayerVersionRecord? {
        LayerVersionKey(arn: arn).flatMap { catalogue.layers[$0.name]?.versions[$0.number] }
    }

    // MARK: - Exchanging and removing hosts

    /// From now on calls of the function go to a new host. Calls under way end where they are.
    public func replaceHost(_ definition: FunctionDefinition) {
        retireHost(definition.name)
        if declared[definition.name] != nil { declared[definition.name] = definition }
        let host = FunctionHost(definition: definition, service: self)
        hosts[definition.name] = host
        host.startAhead()
    }

    /// The next call makes a new host, if the function is still there.
    func retireHost(_ key: String) {
        guard let host = hosts.removeValue(forKey: key) else { return }
        retired[ObjectIdentifier(host)] = host
        host.retire()
    }

    /// To be called when a function has got another reserved concurrency.
    func refreshConcurrency(of name: String) { groups[name]?.reserved = reservedConcurrency(of: name) }

    /// Goes on with the functions of another store.
    func useCatalogue(of store: Store) {
        catalogue.use(store)
        for key in hosts.keys where declared[key] == nil { retireHost(key) }
        for name in groups.keys { refreshConcurrency(of: name) }
        sweepCodeSoon()
    }

    /// Removes folders of code that nothing refers to, when the loop has time.
    func sweepCodeSoon() {
        after(milliseconds: 0) { [weak self] in
            guard let self else { return }
            Task { @EventLoop in await self.sweepCode() }
        }
    }

    /// From the decision until the names are gone nothing else happens on the loop, and whoever makes a host
    /// looks afterwards whether its folders are there.
    private func sweepCode() async {
        await forgetHiddenLayers()
        let folders = codeFolders
        guard let names = try? await runBlocking({ folders.names }) else { return }
        var kept: Set<String> = []
        for record in catalogue.functions.values {
            for version in record.allVersions {
                kept.insert(version.code.digest)
                let digests = version.layers.compactMap { layerVersion($0)?.code.digest }
                if let name = CodeFolders.layers(digests) { kept.insert(name) }
            }
        }
        for layer in catalogue.layers.values { kept.formUnion(layer.versions.values.map(\.code.digest)) }
        for host in allHosts {
            for folder in [host.definition.taskFolder, host.definition.layerFolder] {
                if let name = folder?.split(separator: "/").last { kept.insert(String(name)) }
            }
        }
        let gone = folders.setAside(names.filter { !kept.contains($0) })
        _ = try? await runBlocking { for folder in gone { Files.removeTree(folder) } }
    }
}

extension LambdaService {
    /// Removes versions of layers that were deleted while functions still referred to them, when none does.
    private func forgetHiddenLayers() async {
        for name in Array(catalogue.layers.keys) {
            guard catalogue.layers[name]?.versions.values.contains(where: \.isHidden) == true else {
                continue
            }
            await catalogue.lock(FunctionCatalogue.layerLock(name))
            defer { catalogue.unlock(FunctionCatalogue.layerLock(name)) }
            guard let old = catalogue.layers[name] else { continue }
            var layer = old
            let used = catalogue.usedLayers
            for (number, version) in old.versions
            where version.isHidden && !used.contains(LayerVersionKey(name: name, number: number)) {
                layer.versions[number] = nil
            }
            // Tried again with the next sweep.
            if layer != old { try? await catalogue.put(layer, instead: old) }
        }
    }
}

extension Store {
    /// Where a zip lies.
    func path(of code: CodeRecord) -> String { BlobID(code.blob).map { blobs.path(of: $0) } ?? "" }
}

extension FunctionRecord {
    /// Environments to be started ahead for a version: its own, or those of an alias that leads to it.
    func provisioned(for version: String) -> Int {
        if let own = provisioned[version] { return own.count }
        return provisioned.reduce(0) { sum, entry in
            aliases[entry.key]?.version == version ? sum + entry.value.count : sum
        }
    }
}

extension AliasRecord {
    /// The version that a call goes to.
    /// - Parameter random: from 0 up to but not including 1.
    func version(drawing random: () -> Double) -> String {
        guard let other = weights.first, other.weight.double > 0 else { return version }
        return random() < other.weight.double ? other.version : version
    }
}
