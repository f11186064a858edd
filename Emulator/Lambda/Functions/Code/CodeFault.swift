import AWSProtocol

/// Why a zip is not taken.
package enum CodeFault: Error, Equatable {
    /// No bytes, or no entries.
    case empty
    /// No zip, a damaged one, or one of a kind that is not read.
    case unreadable
    /// More than what may be unpacked.
    case tooLarge(limit: Int)
    /// What AWS has no words of its own for; one sentence.
    case refused(String)
    /// This machine's own trouble, such as a full disk.
    case machine(String)

    var error: AWSError {
        switch self {
        case .empty: LambdaError.invalidParameter("Uploaded file must be a non-empty zip")
        case .unreadable:
            LambdaError.invalidParameter(
                "Could not unzip uploaded file. Please check your file, then try to upload again.")
        case .tooLarge(let limit):
            LambdaError.invalidParameter("Unzipped size must be smaller than \(limit) bytes")
        case .refused(let reason): LambdaError.invalidParameter("Could not unzip uploaded file. \(reason)")
        case .machine(let reason): LambdaError.service("The uploaded file could not be unpacked: \(reason)")
        }
    }
}

/// What is allowed of code ("Lambda quotas"), in bytes unless said otherwise.
enum CodeLimits {
    /// Of a zip inside of a request.
    static let zipped = 52_428_800
    /// Of all that is unpacked for a function, layers included.
    static let unzipped = 262_144_000
    /// Of all functions and layers of an account: 75 GB.
    static let account = 80_530_636_800
    /// Not AWS's: as many entries as fit into a zip without the Zip64 extension, and more than any package has.
    static let entries = 65_535
    /// Layers of one function.
    static let layers = 5
}
