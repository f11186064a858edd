import AWSProtocol

extension Website {
    /// A site shows what anybody may read.
    /// - Throws: AccessDenied.
    static func admit(_ request: S3Request, _ bucket: BucketRecord, _ core: ObjectsCore) throws(AWSError) {
        throw .accessDenied()
    }
}
