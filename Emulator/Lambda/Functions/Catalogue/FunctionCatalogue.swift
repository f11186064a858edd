import AWSProtocol
import Net
import Store

/// What there is of functions and layers made by requests: a copy in memory of what the store holds. Reads never
/// wait; a change is in memory once it is on the disk.
@EventLoop final class FunctionCatalogue {
    /// Those that requests have made.
    private(set) var functions: [String: FunctionRecord] = [:]
    /// What requests have set of functions of the manifest.
    private(set) var overlays: [String: FunctionRecord] = [:]
    private(set) var layers: [String: LayerRecord] = [:]
    /// Function and qualifier of each function URL, by the id in its host name.
    private(set) var urls: [String: (name: String, qualifier: String)] = [:]
    /// Functions whose code or settings are being exchanged at this moment.
    private(set) var updating: Set<String> = []
    private(set) var store: Store
    /// Names whose records cannot be read: they are not given away, or what is stored would be lost.
    private var unreadable: Set<String> = []
    /// Names whose last change has failed: what the store holds then is looked up before the next one.
    private var doubtful: Set<String> = []
    /// Records on their way into the store: what they refer to is in use.
    private var arriving: [String: FunctionRecord] = [:]
    /// Versions of layers that are being deleted.
    private var leaving: Set<LayerVersionKey> = []
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    init(store: Store) {
        self.store = store
        load()
    }

    /// Forgets everything and reads another store.
    func use(_ store: Store) {
        self.store = store
        functions = [:]
        overlays = [:]
        layers = [:]
        urls = [:]
        (unreadable, doubtful) = ([], [])
        load()
    }

    /// A record that cannot be read is left out here; `emulator verify` names it.
    private func load() {
        try? store.read { snapshot in
            try readFunctions(snapshot, FunctionKeys.all(FunctionKeys.functions))
            try readOverlays(snapshot, FunctionKeys.all(FunctionKeys.overlays))
            try readVersions(snapshot, FunctionKeys.all(FunctionKeys.versions))
            try readLayers(snapshot, FunctionKeys.all(FunctionKeys.layers))
            try readLayerVersions(snapshot, FunctionKeys.all(FunctionKeys.layerVersions))
        }
        for record in Array(functions.values) + Array(overlays.values) { note(record) }
    }

    private func readFunctions(_ snapshot: Snapshot, _ range: FunctionKeys.Range) throws {
        try snapshot.scan(.functions, from: range.from, to: range.to) { key, value in
            let name = FunctionKeys.name(in: key)
            let record = try? FunctionRecord(decoding: value)
            if let record, record.latest == nil {
                // Earlier versions kept both kinds under these keys.
                overlays[name] = record
            } else if let record {
                functions[name] = record
            } else {
                unreadable.insert(name)
            }
            return true
        }
    }

    private func readOverlays(_ snapshot: Snapshot, _ range: FunctionKeys.Range) throws {
        try snapshot.scan(.functions, from: range.from, to: range.to) { key, value in
            let name = FunctionKeys.name(in: key)
            if let record = try? FunctionRecord(decoding: value) {
                overlays[name] = record
            } else {
                unreadable.insert(name)
            }
            return true
        }
    }

    private func readVersions(_ snapshot: Snapshot, _ range: FunctionKeys.Range) throws {
        try snapshot.scan(.functions, from: range.from, to: range.to) { key, value in
            let name = FunctionKeys.name(in: key)
            if let record = try? VersionRecord(decoding: value), let number = Int(record.version) {
                functions[name]?.versions[number] = record
            } else {
                unreadable.insert(name)
            }
            return true
        }
    }

    private func readLayers(_ snapshot: Snapshot, _ range: FunctionKeys.Range) throws {
        try snapshot.scan(.functions, from: range.from, to: range.to) { key, value in
            let name = FunctionKeys.name(in: key)
            layers[name] = try? LayerRecord(decoding: value)
            if layers[name] == nil { unreadable.insert(Self.layerLock(name)) }
            return true
        }
    }

    private func readLayerVersions(_ snapshot: Snapshot, _ range: FunctionKeys.Range) throws {
        try snapshot.scan(.functions, from: range.from, to: range.to) { key, value in
            let name = FunctionKeys.name(in: key)
            if let record = try? LayerVersionRecord(decoding: value) {
                layers[name]?.versions[record.number] = record
            } else {
                unreadable.insert(Self.layerLock(name))
            }
            return true
        }
    }

    /// After a change that failed: it may have happened all the same.
    private func readAgain(_ name: String) {
        guard doubtful.contains(name) else { return }
        try? store.read { snapshot in
            if name.hasPrefix(Self.layerPrefix) {
                let layer = String(name.dropFirst(Self.layerPrefix.count))
                layers[layer] = nil
                try readLayers(snapshot, FunctionKeys.one(FunctionKeys.layer(layer)))
                try readLayerVersions(snapshot, FunctionKeys.numbers(of: layer, FunctionKeys.layerVersions))
            } else {
                for url in [functions[name], overlays[name]].compactMap(\.?.urls.values).joined() {
                    urls[url.id] = nil
                }
                functions[name] = nil
                overlays[name] = nil
                try readFunctions(snapshot, FunctionKeys.one(FunctionKeys.function(name)))
                try readOverlays(snapshot, FunctionKeys.one(FunctionKeys.overlay(name)))
                try readVersions(snapshot, FunctionKeys.numbers(of: name, FunctionKeys.versions))
                for record in [functions[name], overlays[name]].compactMap({ $0 }) { note(record) }
            }
            doubtful.remove(name)
        }
    }

    private func note(_ record: FunctionRecord) {
        for (qualifier, url) in record.urls { urls[url.id] = (record.name, qualifier) }
    }

    // MARK: - One change after the other

    private static let layerPrefix = "layer:"

    /// What the changes of a layer are locked by.
    static func layerLock(_ layer: String) -> String { layerPrefix + layer }

    /// Waits until nobody else changes what is called so. Each call must be followed by one of ``unlock(_:)``.
    func lock(_ name: String) async {
        if waiting[name] == nil {
            waiting[name] = []
        } else {
            await withCheckedContinuation { waiting[name]?.append($0) }
        }
        readAgain(name)
    }

    func unlock(_ name: String) {
        guard var queue = waiting[name] else { return }
        if queue.isEmpty {
            waiting[name] = nil
        } else {
            let next = queue.removeFirst()
            waiting[name] = queue
            next.resume()
        }
    }

    func beginUpdate(of name: String) { updating.insert(name) }
    func endUpdate(of name: String) { updating.remove(name) }

    // MARK: - Changes

    /// What else one commit does.
    typealias Addition = @Sendable (Transaction) throws -> Void

    /// Stores a function as it shall be from now on, or removes it. To be called with its name locked.
    /// - Parameters:
    ///   - adopted: a zip that this change begins to refer to.
    ///   - also: what the same commit does besides.
    func put(
        _ record: FunctionRecord?, instead old: FunctionRecord?, adopting adopted: CodeIntake.Taken? = nil,
        also: Addition? = nil
    ) async throws(AWSError) {
        guard let name = record?.name ?? old?.name else { return }
        let isOverlay = (record ?? old)?.latest == nil
        var batch = StoreChange(also: also)
        let key = isOverlay ? FunctionKeys.overlay(name) : FunctionKeys.function(name)
        if let record, !(isOverlay && record.isBlank) {
            batch.puts.append((key, record.encoded()))
        } else {
            batch.deletes.append(key)
        }
        // Where earlier versions kept it.
        if isOverlay, functions[name] == nil { batch.deletes.append(FunctionKeys.function(name)) }
        for (number, version) in record?.versions ?? [:] where old?.versions[number] != version {
            batch.puts.append((FunctionKeys.version(name, number), version.encoded()))
        }
        for number in (old?.versions ?? [:]).keys where record?.versions[number] == nil {
            batch.deletes.append(FunctionKeys.version(name, number))
        }
        batch.exchange(old?.codes ?? [], record?.codes ?? [], adopted?.code)
        arriving[name] = record
        defer { arriving[name] = nil }
        try await commit(batch, name, adopted)
        for url in (old?.urls ?? [:]).values { urls[url.id] = nil }
        if isOverlay { overlays[name] = record } else { functions[name] = record }
        if let record { note(record) }
    }

    /// As for functions. To be called with the layer's name locked.
    func put(
        _ record: LayerRecord, instead old: LayerRecord?, adopting adopted: CodeIntake.Taken? = nil
    ) async throws(AWSError) {
        var batch = StoreChange()
        batch.puts.append((FunctionKeys.layer(record.name), record.encoded()))
        for (number, version) in record.versions where old?.versions[number] != version {
            batch.puts.append((FunctionKeys.layerVersion(record.name, number), version.encoded()))
        }
        for number in (old?.versions ?? [:]).keys where record.versions[number] == nil {
            batch.deletes.append(FunctionKeys.layerVersion(record.name, number))
        }
        batch.exchange(
            old?.versions.values.map(\.code) ?? [], record.versions.values.map(\.code), adopted?.code)
        let gone = (old?.versions ?? [:]).keys.filter { record.version($0) == nil }
            .map { LayerVersionKey(name: record.name, number: $0) }
        leaving.formUnion(gone)
        defer { leaving.subtract(gone) }
        try await commit(batch, Self.layerLock(record.name), adopted)
        layers[record.name] = record
    }

    /// What is done to one store means nothing in the one that has taken its place meanwhile.
    private func commit(
        _ change: StoreChange, _ name: String, _ adopted: CodeIntake.Taken?
    ) async throws(AWSError) {
        let store = self.store
        guard adopted == nil || adopted?.store === store else { throw Self.exchanged }
        guard !unreadable.contains(name) else {
            throw LambdaError.service(
                "What is stored under the name \(name) cannot be read; `emulator verify` tells more.")
        }
        do {
            try await store.commit { transaction in try change.apply(to: transaction) }
        } catch {
            if store === self.store { doubtful.insert(name) }
            throw LambdaError.service("The change could not be stored: \(error)")
        }
        guard self.store === store else { throw Self.exchanged }
    }

    // MARK: - Layers in use

    /// Versions of layers that functions refer to.
    var usedLayers: Set<LayerVersionKey> {
        let records = Array(functions.values) + Array(arriving.values)
        return Set(
            records.flatMap { $0.allVersions.flatMap { $0.layers.compactMap(LayerVersionKey.init(arn:)) } })
    }

    /// A version that functions may begin to refer to.
    func usableLayer(_ key: LayerVersionKey) -> LayerVersionRecord? {
        leaving.contains(key) ? nil : layers[key.name]?.version(key.number)
    }

    private static let exchanged = LambdaError.service(
        "The state of the emulator was exchanged while the request was carried out.")

    // MARK: - Sums

    /// Bytes of all zips: what AWS limits to 75 GB.
    var totalCodeSize: Int {
        functions.values.reduce(0) { sum, function in
            sum + function.allVersions.reduce(0) { $0 + $1.code.size }
        } + layers.values.reduce(0) { $0 + $1.versions.values.reduce(0) { $0 + $1.code.size } }
    }
}

extension FunctionRecord {
    /// The zips that its versions refer to, each once.
    fileprivate var codes: [CodeRecord] {
        var seen: Set<String> = []
        return allVersions.map(\.code).filter { seen.insert($0.blob).inserted }
    }
}

/// What one commit does.
private struct StoreChange: Sendable {
    var also: FunctionCatalogue.Addition?
    var puts: [(key: [UInt8], value: [UInt8])] = []
    var deletes: [[UInt8]] = []
    var attached: [(blob: BlobID, length: Int64)] = []
    var released: [BlobID] = []

    /// Lets go of the zips that nothing refers to any more.
    mutating func exchange(_ old: [CodeRecord], _ new: [CodeRecord], _ adopted: CodeRecord?) {
        let kept = Set(new.map(\.blob))
        for code in old where !kept.contains(code.blob) {
            guard let blob = BlobID(code.blob) else { continue }
            released.append(blob)
            deletes.append(FunctionKeys.zip(code.blob))
        }
        if let adopted, let blob = BlobID(adopted.blob) {
            attached.append((blob, Int64(adopted.size)))
            puts.append((FunctionKeys.zip(adopted.blob), adopted.json.encoded()))
        }
    }

    func apply(to transaction: Transaction) throws {
        for key in deletes { transaction.delete(.functions, key) }
        for (key, value) in puts { transaction.put(.functions, key, value) }
        for (blob, length) in attached { transaction.attach(blob, length: length) }
        for blob in released { transaction.release(blob) }
        try also?(transaction)
    }
}
