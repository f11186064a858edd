import AWSProtocol
import Bytes
import Clock
import Digests
import Glibc
import HTTPTypes
import JSON
import Net

/// GetFunction, GetFunctionConfiguration and ListFunctions. Functions come from the manifest, so there is
/// no zip: size and digest are those of the program itself.
extension LambdaService {
    /// AWS returns at most 50 functions a page, whatever `MaxItems` says.
    private static let pageSize = 50

    func getFunction(_ name: String, _ request: HTTPRequest) async throws(AWSError) -> JSONValue {
        let host = try described(name, request)
        let configuration = await description(host.definition)
        return [
            "Configuration": configuration,
            "Code": [
                "RepositoryType": "S3", "Location": .string("file://\(host.definition.executablePath)"),
            ],
            "Concurrency": [
                "ReservedConcurrentExecutions": .number(JSONNumber(host.definition.reservedConcurrency))
            ],
        ]
    }

    func getConfiguration(_ name: String, _ request: HTTPRequest) async throws(AWSError) -> JSONValue {
        await description(try described(name, request).definition)
    }

    func listFunctions(_ request: HTTPRequest) async throws(AWSError) -> JSONValue {
        let query = Query.parse(request.rawQuery)
        func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }
        var limit = Self.pageSize
        if let text = parameter("MaxItems") {
            guard let number = Int(text), number > 0 else {
                throw LambdaError.validation(
                    text, at: "maxItems", "have value greater than or equal to 1")
            }
            limit = min(number, limit)
        }
        let marker = parameter("Marker") ?? ""
        let names = hosts.keys.sorted().filter { $0 > marker }
        var functions: [JSONValue] = []
        for name in names.prefix(limit) {
            if let host = hosts[name] { functions.append(await description(host.definition)) }
        }
        var answer: JSONObject = ["Functions": .array(functions)]
        if names.count > limit { answer.append("NextMarker", .string(names[limit - 1])) }
        return .object(answer)
    }

    private func described(_ name: String, _ request: HTTPRequest) throws(AWSError) -> FunctionHost {
        let reference = try InvokeRequest.reference(name)
        return try host(reference, qualifier: try InvokeRequest.qualifier(reference, request))
    }

    private func description(_ function: FunctionDefinition) async -> JSONValue {
        let code = await descriptions.code(of: function.executablePath)
        var object: JSONObject = [
            "FunctionName": .string(function.name),
            "FunctionArn": .string(configuration.functionARN(function.name)),
            "Runtime": "provided.al2023",
            "Role": .string("arn:aws:iam::\(configuration.accountID):role/\(function.name)"),
            "Handler": .string(function.handler),
            "CodeSize": .number(JSONNumber(code.size)),
            "Description": .string(function.description),
            "Timeout": .number(JSONNumber((function.timeoutMilliseconds + 999) / 1000)),
            "MemorySize": .number(JSONNumber(function.memoryMB)),
            "LastModified": .string(Self.lastModified(code.modified)),
            "CodeSha256": .string(code.digest),
            "Version": "$LATEST",
        ]
        if !function.environment.isEmpty {
            let variables = function.environment.sorted { $0.key < $1.key }
                .map { ($0.key, JSONValue.string($0.value)) }
            object.append("Environment", ["Variables": .object(JSONObject(variables))])
        }
        for (key, value) in fixed(function) { object.append(key, value) }
        return .object(object)
    }

    private func fixed(_ function: FunctionDefinition) -> [(String, JSONValue)] {
        [
            ("TracingConfig", ["Mode": "PassThrough"]),
            ("State", "Active"),
            ("LastUpdateStatus", "Successful"),
            ("PackageType", "Zip"),
            ("Architectures", [.string(Self.architecture)]),
            ("EphemeralStorage", ["Size": 512]),
            ("LoggingConfig", ["LogFormat": "Text", "LogGroup": .string(function.logGroup)]),
        ]
    }

    #if arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "x86_64"
    #endif

    /// `2026-01-02T03:04:05.678+0000`
    private static func lastModified(_ time: Timestamp) -> String {
        String(time.iso8601.dropLast()) + "+0000"
    }
}

/// Digests of programs, computed off the event loop and kept until the file changes.
@EventLoop final class FunctionDescriptions {
    struct Code: Sendable {
        var size = 0
        /// SHA-256, base64; empty when the file cannot be read.
        var digest = ""
        var modified = Timestamp(milliseconds: 0)
    }

    private var known: [String: Code] = [:]

    func code(of path: String) async -> Code {
        var status = stat()
        guard stat(path, &status) == 0 else { return Code() }
        let modified = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        let size = Int(status.st_size)
        if let code = known[path], code.size == size, code.modified == modified { return code }
        let digest = try? await runBlocking { try Self.digest(path) }
        let code = Code(size: size, digest: digest ?? "", modified: modified)
        known[path] = code
        return code
    }

    private struct Unreadable: Error {}

    private nonisolated static func digest(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { close(descriptor) }
        var hasher = SHA256.Hasher()
        var buffer = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Unreadable() }
            if count == 0 { break }
            buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return Base64.encode(hasher.finish())
    }
}
