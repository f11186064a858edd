import HTTPTypes

/// GET /bucket/key.
enum GetObject {
    static func run(_ request: S3Request, _ core: ObjectsCore) throws -> HTTPResponse {
        let reading = try ObjectReading.prepare(request, core, withBody: true)
        return HTTPResponse(
            status: reading.status, headers: reading.headers, body: reading.body ?? .empty)
    }

    static func slice(_ body: HTTPBody, _ range: Range<Int64>) -> HTTPBody {
        switch body {
        case .bytes(let bytes):
            if range.count == bytes.count { return body }
            return .bytes(Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
        case .file(let file, let offset, _):
            return .file(file, offset: offset + range.lowerBound, length: Int64(range.count))
        case .pieces(let pieced): return .pieces(pieced.slice(range))
        case .spooled, .stream: return body
        }
    }
}
