import AWSProtocol
import Bytes
import Digests
import JSON

extension LambdaService {
    /// The ARN of a function, or of what a qualifier names of it.
    func arn(_ name: String, _ qualifier: String?) -> String {
        configuration.functionARN(name) + (qualifier.map { ":\($0)" } ?? "")
    }

    /// What is stored of a function that there is; nil when there is nothing, or no such function. A function of
    /// the manifest hides one of the same name that was made by a request.
    func known(_ name: String) -> FunctionRecord? {
        declared[name] == nil ? catalogue.functions[name] : catalogue.overlays[name]
    }

    /// What is known of a function, be it the manifest's or made by a request.
    /// - Throws: `Function not found`.
    func record(_ name: String, qualifier: String? = nil) throws(AWSError) -> FunctionRecord {
        if let record = known(name) { return record }
        guard declared[name] != nil else { throw LambdaError.functionNotFound(arn: arn(name, qualifier)) }
        return FunctionRecord(name: name)
    }

    /// What is known of the function that a request is about; its version or alias exists as well.
    func record(_ target: FunctionTarget) throws(AWSError) -> FunctionRecord {
        let record = try record(target.name, qualifier: target.qualifier)
        if let qualifier = target.qualifier, qualifier != VersionRecord.latest,
            record.aliases[qualifier] == nil, record.version(qualifier) == nil
        {
            throw LambdaError.functionNotFound(arn: arn(target.name, qualifier))
        }
        return record
    }

    /// Only functions made by requests have code that requests can change.
    func requireOwnCode(_ record: FunctionRecord) throws(AWSError) -> VersionRecord {
        if let latest = record.latest { return latest }
        throw LambdaError.invalidParameter(
            "The function \(record.name) is declared in the manifest of this emulator: its code and its "
                + "configuration are changed there.")
    }

    /// Changes what is stored of a function, one request after the other.
    /// - Parameter also: what the same commit does besides.
    func change<Value>(
        _ name: String, also: FunctionCatalogue.Addition? = nil,
        _ body: (inout FunctionRecord) throws(AWSError) -> Value
    ) async throws(AWSError) -> Value {
        await catalogue.lock(name)
        defer { catalogue.unlock(name) }
        var record = try record(name)
        let value = try body(&record)
        try await catalogue.put(record, instead: known(name), also: also)
        refreshConcurrency(of: name)
        return value
    }

    /// As `change`, for the function that a request is about; its version or alias has to exist.
    func change<Value>(
        _ target: FunctionTarget, _ body: (inout FunctionRecord) throws(AWSError) -> Value
    ) async throws(AWSError) -> Value {
        try await change(target.name) { (record) throws(AWSError) in
            _ = try self.record(target)
            return try body(&record)
        }
    }

    /// - Throws: 409 when another request is exchanging the code or the settings of the function.
    func refuseDuringUpdate(_ name: String) throws(AWSError) {
        try refusePending(name, VersionRecord.latest)
        guard catalogue.updating.contains(name) || activation(name, VersionRecord.latest) == .updating else {
            return
        }
        throw LambdaError.conflict(
            "The operation cannot be performed at this time. An update is in progress for resource: "
                + arn(name, nil))
    }

    /// The `RevisionId` of `$LATEST`, a version or an alias.
    func revision(_ record: FunctionRecord, _ qualifier: String?) -> String {
        if let qualifier, let alias = record.aliases[qualifier] { return alias.revision }
        if let version = record.version(qualifier ?? VersionRecord.latest) { return version.revision }
        return record.revision.isEmpty ? Self.declaredRevision(record.name) : record.revision
    }

    /// Gives `$LATEST`, a version or an alias another `RevisionId`, as whatever changes about it does.
    func touch(_ record: inout FunctionRecord, _ qualifier: String?) {
        let revision = UUID4.make()
        if let qualifier, record.aliases[qualifier] != nil {
            record.aliases[qualifier]?.revision = revision
        } else if let qualifier, let number = VersionRecord.number(qualifier) {
            record.versions[number]?.revision = revision
        } else if record.latest != nil {
            record.latest?.revision = revision
        } else {
            record.revision = revision
        }
    }

    /// - Throws: 412 when a request names another revision than the present one.
    func check(
        revision named: String?, _ record: FunctionRecord, _ qualifier: String?
    ) throws(AWSError) {
        if let named, named != revision(record, qualifier) { throw LambdaError.revisionDiffers }
    }

    /// Of a function of which nothing is stored: always the same.
    private static func declaredRevision(_ name: String) -> String {
        let digits = Array(SHA256.hex(name))
        let groups = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return groups.map { String($0) }.joined(separator: "-")
    }
}
