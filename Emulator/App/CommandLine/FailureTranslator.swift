import AWSProtocol
import Gateway
import Net
import Store

/// Turns every error that can end a command into one sentence and a fitting exit code.
enum FailureTranslator {
    static func failure(for error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as ManifestError: CommandFailure(.invalidData, error.description)
        case let error as StoreError: CommandFailure(exitCode(error), "\(error)")
        case let error as NetError: CommandFailure(.unavailable, "\(error)")
        case let error as RouteError: CommandFailure(.invalidData, "\(error)")
        case let error as AWSError:
            CommandFailure(
                .invalidData, "the manifest declares something AWS refuses: \(error.message ?? error.code)")
        default: CommandFailure(.internalError, "\(error)")
        }
    }

    private static func exitCode(_ error: StoreError) -> ExitCode {
        switch error {
        case .notWritable: .cannotCreate
        case .locked: .temporaryFailure
        case .newerVersion, .corrupt: .invalidData
        default: .ioError
        }
    }
}
