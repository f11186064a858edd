extension LambdaService {
    /// Goes on with another program for a function. Running invocations end on the program that they began on,
    /// and none is lost.
    /// - Returns: whether there is such a function.
    @discardableResult
    public func replaceProgram(of name: String, with path: String) -> Bool {
        guard var definition = declared[name] else { return false }
        definition.executablePath = path
        replaceHost(definition)
        return true
    }
}
