import Bytes
import Digests
import Glibc
import Store

extension LambdaService {
    /// What this service promises about its stored functions, for `emulator verify`.
    public nonisolated static var checks: [StoreCheck] { [StoreCheck("functions", FunctionCheck.run)] }
}

/// Each record can be read and belongs to what it says; each zip that one refers to is there with its digest, and
/// there is no other.
enum FunctionCheck {
    private struct Found {
        /// Zips by their blobs.
        var codes: [String: CodeRecord] = [:]
        var functions: [String: FunctionRecord] = [:]
        var layers: [String: LayerRecord] = [:]
        var layerVersions: Set<LayerVersionKey> = []
        /// With the names of the functions that refer to them.
        var used: [LayerVersionKey: String] = [:]

        mutating func note(_ version: VersionRecord, of function: String) {
            codes[version.code.blob] = version.code
            for key in version.layers.compactMap(LayerVersionKey.init(arn:)) { used[key] = function }
        }
    }

    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        var found = Found()
        for kind in [
            FunctionKeys.functions, FunctionKeys.overlays, FunctionKeys.versions, FunctionKeys.layers,
            FunctionKeys.layerVersions,
        ] {
            try snapshot.scan(.functions, from: [kind], to: [kind + 1]) { key, value in
                run.count()
                do { try check(key, value, run, &found) } catch {
                    run.fault("the record \(describe(key)) cannot be read: \(error)")
                }
                return true
            }
        }
        for (key, function) in found.used.sorted(by: { ($0.value, $0.key.name) < ($1.value, $1.key.name) })
        where !found.layerVersions.contains(key) {
            run.fault("function '\(function)' refers to layer \(key.name):\(key.number), which is not stored")
        }
        var noted: Set<String> = []
        let kind = Keyspace.functionBlobKind
        try snapshot.scan(.functions, from: [kind], to: [kind + 1]) { key, _ in
            run.count()
            noted.insert(String(decoding: key.dropFirst(), as: UTF8.self))
            return true
        }
        for blob in noted.subtracting(found.codes.keys).sorted() {
            run.fault("the zip \(blob) belongs to no function and no layer")
        }
        for (blob, code) in found.codes.sorted(by: { $0.key < $1.key }) {
            if !noted.contains(blob) { run.fault("the zip \(blob) is not noted as one") }
            try check(code, snapshot, run)
        }
    }

    private static func check(
        _ key: [UInt8], _ value: [UInt8], _ run: CheckRun, _ found: inout Found
    ) throws {
        let name = FunctionKeys.name(in: key)
        switch key.first {
        case FunctionKeys.functions:
            let record = try FunctionRecord(decoding: value)
            if record.name != name { run.fault("the record \(describe(key)) is that of \(record.name)") }
            if let latest = record.latest { found.note(latest, of: name) }
            found.functions[name] = record
        case FunctionKeys.overlays:
            let record = try FunctionRecord(decoding: value)
            if record.name != name || record.latest != nil {
                run.fault("the record \(describe(key)) is not that of a function of the manifest")
            }
        case FunctionKeys.versions:
            let version = try VersionRecord(decoding: value)
            found.note(version, of: name)
            guard let function = found.functions[name] else {
                return run.fault("the record \(describe(key)) belongs to no function")
            }
            guard let number = Int(version.version), key == FunctionKeys.version(name, number) else {
                return run.fault("the record \(describe(key)) is that of version \(version.version)")
            }
            if number > function.lastVersion {
                run.fault("the record \(describe(key)) is later than the function's last version")
            }
        case FunctionKeys.layers:
            found.layers[name] = try LayerRecord(decoding: value)
        default:
            let version = try LayerVersionRecord(decoding: value)
            found.codes[version.code.blob] = version.code
            found.layerVersions.insert(LayerVersionKey(name: name, number: version.number))
            guard let layer = found.layers[name], version.number <= layer.lastVersion,
                key == FunctionKeys.layerVersion(name, version.number)
            else { return run.fault("the record \(describe(key)) belongs to no layer") }
        }
    }

    /// The bytes of a zip are what was uploaded.
    private static func check(_ code: CodeRecord, _ snapshot: Snapshot, _ run: CheckRun) throws {
        guard let blob = BlobID(code.blob), try snapshot.get(.blobs, Array(code.blob.utf8)) != nil,
            let descriptor = try? run.blobs.open(blob)
        else { return run.fault("the zip \(code.blob) is not stored") }
        defer { close(descriptor) }
        var hasher = SHA256.Hasher()
        var buffer = [UInt8](repeating: 0, count: 262_144)
        var size = 0
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            size += count
            buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        if size != code.size { run.fault("the zip \(code.blob) has \(size) bytes instead of \(code.size)") }
        if Hex.encode(hasher.finish()) != code.digest {
            run.fault("the zip \(code.blob) does not match its digest")
        }
    }

    private static func describe(_ key: [UInt8]) -> String {
        "'\(String(decoding: key.prefix(1), as: UTF8.self)) \(FunctionKeys.name(in: key))'"
    }
}
