import CZip
import Glibc

/// The only code that knows libzip.
enum ZipWriter {
    /// The first moment that a zip entry can carry, 1980-01-01 00:00 local time (APPNOTE.TXT 4.4.6). Set in
    /// DOS form, because libzip converts a Unix time by the time zone of whoever builds.
    private static let date: UInt16 = 1 << 5 | 1
    private static let time: UInt16 = 0
    /// zlib's strongest level: packages are written seldom and uploaded often.
    private static let level: UInt32 = 9

    /// Writes the entries, in the order given, to a new file.
    static func write(_ entries: [PackageEntry], to path: String) throws(PackagingError) {
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_CREATE | ZIP_EXCL, &code) else {
            let system = errno
            var error = zip_error_t()
            zip_error_init_with_code(&error, code)
            defer { zip_error_fini(&error) }
            throw failure(&error, path: path, system: system)
        }
        do throws(PackagingError) {
            for entry in entries { try add(entry, to: archive, path: path) }
        } catch {
            zip_discard(archive)
            throw error
        }
        // libzip reads and compresses here; on failure it removes its own temporary file.
        guard zip_close(archive) == 0 else {
            let error = failure(zip_get_error(archive), path: path, system: errno)
            zip_discard(archive)
            throw error
        }
    }

    private static func add(
        _ entry: PackageEntry, to archive: OpaquePointer, path: String
    ) throws(PackagingError) {
        guard let source = zip_source_file(archive, entry.path, 0, Int64(entry.size)) else {
            throw failure(zip_get_error(archive), path: entry.path, system: errno)
        }
        let index = zip_file_add(archive, entry.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
        guard index >= 0 else {
            zip_source_free(source)
            throw failure(zip_get_error(archive), path: entry.path, system: errno)
        }
        let position = UInt64(index)
        // High half of the external attributes: st_mode. Without it Lambda cannot execute the bootstrap.
        let attributes = (UInt32(S_IFREG) | entry.mode) << 16
        guard zip_set_file_compression(archive, position, ZIP_CM_DEFLATE, level) == 0,
            zip_file_set_dostime(archive, position, time, date, 0) == 0,
            zip_file_set_external_attributes(archive, position, 0, UInt8(ZIP_OPSYS_UNIX), attributes) == 0
        else { throw failure(zip_get_error(archive), path: path, system: errno) }
    }

    private static func failure(
        _ error: UnsafeMutablePointer<zip_error_t>, path: String, system: Int32
    ) -> PackagingError {
        let code = zip_error_code_system(error) == 0 ? system : zip_error_code_system(error)
        switch zip_error_code_zip(error) {
        case ZIP_ER_WRITE where code == ENOSPC, ZIP_ER_CLOSE where code == ENOSPC,
            ZIP_ER_TMPOPEN where code == ENOSPC:
            return .diskFull(path: path)
        case ZIP_ER_OPEN, ZIP_ER_TMPOPEN, ZIP_ER_RENAME, ZIP_ER_WRITE:
            return .unwritable(path: path, reason: reason(code))
        default:
            return .engine(path: path, reason: String(cString: zip_error_strerror(error)))
        }
    }
}
