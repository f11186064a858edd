import Bytes
import HTTPTypes
import Net
import Store

/// Downloads of zips: what `Code.Location` of GetFunction leads to.
extension LambdaService {
    private nonisolated static let codePath = "/_lambda/code/"

    /// An address that gives the zip to whoever knows it, as a presigned one of AWS's does; good until the emulator
    /// ends.
    func location(of code: CodeRecord, _ request: LambdaRequest) -> String {
        let host = request.http.headers["Host"] ?? "127.0.0.1:\(neighbours.port)"
        return "http://\(host)\(Self.codePath)\(code.blob).zip?token=\(codeToken)"
    }

    /// Whether a request is for such an address.
    public nonisolated static func isDownload(_ request: HTTPRequest) -> Bool {
        request.target.hasPrefix(codePath)
    }

    /// Answers a request for a zip.
    public func download(_ request: HTTPRequest) -> HTTPResponse {
        let name = request.path.dropFirst(Self.codePath.count)
        let token = Query.parse(request.rawQuery).first { $0.name == "token" }?.value
        guard request.method == "GET" || request.method == "HEAD", token == codeToken, name.hasSuffix(".zip"),
            let blob = BlobID(String(name.dropLast(4))), isZip(blob.text)
        else { return HTTPResponse(status: 404, headers: ["Content-Type": "text/plain"]) }
        do {
            let file = OpenFile(adopting: try catalogue.store.blobs.open(blob))
            let size = Files.fileSize(catalogue.store.blobs.path(of: blob)) ?? 0
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "application/zip"],
                body: .file(file, offset: 0, length: size))
        } catch {
            return HTTPResponse(status: 404, headers: ["Content-Type": "text/plain"])
        }
    }

    /// Whether a blob is a function's or a layer's, and not an object of somebody's bucket.
    private func isZip(_ blob: String) -> Bool {
        catalogue.functions.values.contains { $0.allVersions.contains { $0.code.blob == blob } }
            || catalogue.layers.values.contains { $0.versions.values.contains { $0.code.blob == blob } }
    }
}
