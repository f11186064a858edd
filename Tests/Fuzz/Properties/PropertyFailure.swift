/// A property that did not hold, and for what.
public struct PropertyFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ text: String) { description = text }
}

func require(_ holds: Bool, _ text: @autoclosure () -> String) throws(PropertyFailure) {
    guard holds else { throw PropertyFailure(text()) }
}

/// Runs what must not fail.
func must<T, E: Error>(_ text: String, _ body: () throws(E) -> T) throws(PropertyFailure) -> T {
    do throws(E) {
        return try body()
    } catch {
        throw PropertyFailure("\(text): \(error)")
    }
}
