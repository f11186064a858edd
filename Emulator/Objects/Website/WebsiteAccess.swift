extension Website {
    /// A site shows what anybody may read.
    /// - Throws: AccessDenied.
    static func admit(_ request: S3Request, _ core: ObjectsCore) throws {
        try AccessGate.require("GetObject", request, core, by: .anonymous)
    }
}
