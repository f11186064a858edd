import AWSProtocol
import Net
import Store

/// What there is of functions and layers made by requests: a copy in memory of what the store holds. Reads never
/// wait; a change is in memory once it is on the disk.
@EventLoop final class FunctionCatalogue {
    private(set) var functions: [String: FunctionRecord] = [:]
    private(set) var layers: [String: LayerRecord] = [:]
    /// Function and qualifier of each function URL, by the id in its host name.
    private(set) var urls: [String: (name: String, qualifier: String)] = [:]
    /// Functions whose code or settings are being exchanged at this moment.
    private(set) var updating: Set<String> = []
    private(set) var store: Store
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    init(store: Store) {
        self.store = store
        load()
    }

    /// Forgets everything and reads another store.
    func use(_ store: Store) {
        self.store = store
        functions = [:]
        layers = [:]
        urls = [:]
        load()
    }

    /// Keeps what is known when the store cannot be read.
    private func reload() {
        let before = (functions, layers, urls)
        (functions, layers, urls) = ([:], [:], [:])
        if !load() { (functions, layers, urls) = before }
    }

    /// A record that cannot be read is left out here; `emulator verify` names it.
    /// - Returns: whether the store could be read.
    @discardableResult private func load() -> Bool {
        let isRead: Void? = try? store.read { snapshot in
            try snapshot.scan(.functions, from: [FunctionKeys.functions], to: [FunctionKeys.functions + 1]) {
                if let record = try? FunctionRecord(decoding: $1) {
                    functions[FunctionKeys.name(in: $0)] = record
                }
                return true
            }
            try snapshot.scan(.functions, from: [FunctionKeys.versions], to: [FunctionKeys.versions + 1]) {
                if let record = try? VersionRecord(decoding: $1), let number = Int(record.version) {
                    functions[FunctionKeys.name(in: $0)]?.versions[number] = record
                }
                return true
            }
            try snapshot.scan(.functions, from: [FunctionKeys.layers], to: [FunctionKeys.layers + 1]) {
                if let record = try? LayerRecord(decoding: $1) { layers[FunctionKeys.name(in: $0)] = record }
                return true
            }
            let layerVersions = FunctionKeys.layerVersions
            try snapshot.scan(.functions, from: [layerVersions], to: [layerVersions + 1]) {
                if let record = try? LayerVersionRecord(decoding: $1) {
                    layers[FunctionKeys.name(in: $0)]?.versions[record.number] = record
                }
                return true
            }
        }
        for record in functions.values { note(record) }
        return isRead != nil
    }

    private func note(_ record: FunctionRecord) {
        for (qualifier, url) in record.urls { urls[url.id] = (record.name, qualifier) }
    }

    // MARK: - One change after the other

    /// Locked by whoever begins to refer to layers, or deletes them; no function has such a name.
    static let layerUse = "!layers"

    /// Waits until nobody else changes what is called so. Each call must be followed by one of ``unlock(_:)``.
    func lock(_ name: String) async {
        if waiting[name] == nil {
            waiting[name] = []
        } else {
            await withCheckedContinuation { waiting[name]?.append($0) }
        }
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

    /// Stores a function as it shall be from now on, or removes it. To be called with its name locked.
    /// - Parameter adopted: a zip that this change begins to refer to.
    func put(
        _ record: FunctionRecord?, instead old: FunctionRecord?, adopting adopted: CodeIntake.Taken? = nil
    ) async throws(AWSError) {
        guard let name = record?.name ?? old?.name else { return }
        var batch = StoreChange()
        if let record, !(record.latest == nil && record.isBlank) {
            batch.puts.append((FunctionKeys.function(name), record.encoded()))
        } else {
            batch.deletes.append(FunctionKeys.function(name))
        }
        for (number, version) in record?.versions ?? [:] where old?.versions[number] != version {
            batch.puts.append((FunctionKeys.version(name, number), version.encoded()))
        }
        for number in (old?.versions ?? [:]).keys where record?.versions[number] == nil {
            batch.deletes.append(FunctionKeys.version(name, number))
        }
        batch.exchange(old?.codes ?? [], record?.codes ?? [], adopted?.code)
        try await commit(batch, adopted)
        for url in (old?.urls ?? [:]).values { urls[url.id] = nil }
        functions[name] = record
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
        try await commit(batch, adopted)
        layers[record.name] = record
    }

    /// What is done to one store means nothing in the one that has taken its place meanwhile.
    private func commit(_ change: StoreChange, _ adopted: CodeIntake.Taken?) async throws(AWSError) {
        let store = self.store
        guard adopted == nil || adopted?.store === store else { throw Self.exchanged }
        do {
            try await store.commit { transaction in change.apply(to: transaction) }
        } catch {
            // Nobody knows whether it happened: what the store says now counts.
            if self.store === store { reload() }
            throw LambdaError.service("The change could not be stored: \(error)")
        }
        guard self.store === store else { throw Self.exchanged }
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

    func apply(to transaction: Transaction) {
        for key in deletes { transaction.delete(.functions, key) }
        for (key, value) in puts { transaction.put(.functions, key, value) }
        for (blob, length) in attached { transaction.attach(blob, length: length) }
        for blob in released { transaction.release(blob) }
    }
}
