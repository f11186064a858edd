import Gateway
import Glibc
import Net

/// The file of an access log. A line is in it before the request's answer leaves; what cannot be written, for instance
/// on a full disk, is lost, since a log must not fail a request.
final class AccessLogFile: Sendable {
    private let descriptor: Int32

    /// Goes on behind what is in the file already.
    init(_ path: String) throws(CommandFailure) {
        do {
            descriptor = try System.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
        } catch {
            throw CommandFailure(
                .cannotCreate,
                "The access log \(path) cannot be written (\(error)). Name another file in 'accessLog'.")
        }
    }

    deinit { System.close(descriptor) }

    func write(_ line: String) { try? System.writeAll(descriptor, Array((line + "\n").utf8)) }

    /// The log of a stage.
    ///
    /// - Parameter api: the API's id, after which the file in the data folder is named.
    static func open(
        _ declaration: Manifest.AccessLogDeclaration?, api: String, _ manifest: Manifest, _ data: DataFolder
    ) throws(CommandFailure) -> AccessLog? {
        guard let declaration else { return nil }
        var path = "\(data.logs)/access-\(api).log"
        if let file = declaration.file { path = file.hasPrefix("/") ? file : "\(manifest.directory)/\(file)" }
        let file = try AccessLogFile(path)
        return AccessLog(declaration.format) { file.write($0) }
    }
}
