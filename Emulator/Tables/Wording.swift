import AWSProtocol
import Expressions

/// In 2026 AWS moved PutItem, UpdateItem and DeleteItem to a newer validation framework, region by region,
/// which says some things differently. Every operation declares on which side it is; nothing else decides.
enum Wording: Sendable {
    /// Texts as they have always been.
    case original
    /// Texts about the request alone begin with ``prefix``, and some have other words.
    case reworded

    static let prefix = "1 validation error detected: "

    /// Runs the checks that look at nothing but the request. What they throw gets the operation's wording;
    /// what is found out later, about tables and items, reads the same on both sides.
    func ofRequest<Result>(_ checks: () throws -> Result) throws -> Result {
        do {
            return try checks()
        } catch {
            guard self == .reworded else { throw error }
            throw Self.reworded(error)
        }
    }

    private static func reworded(_ error: any Error) -> any Error {
        if let error = error as? ValidationError, error.kind == .validation {
            return TableErrors.validation(prefixed(error.reworded ?? error.message))
        }
        guard var error = error as? AWSError, error.code == "ValidationException" else { return error }
        error.message = error.message.map(prefixed)
        return error
    }

    /// Failed constraints of the service model say how many they are by themselves.
    private static func prefixed(_ message: String) -> String {
        let isCounted =
            message.contains(" validation error detected: ")
            || message.contains(" validation errors detected: ")
        return isCounted ? message : prefix + message
    }
}
