import AWSProtocol
import JSON

/// Where a request says that code comes from.
struct CodeInput {
    let wish: CodeIntake.Wish?

    /// Reads `FunctionCode`, `LayerVersionContentInput`, or the same members of UpdateFunctionCode.
    /// - Parameter place: what their names begin with in messages, such as `code.`.
    init(_ document: DocumentReader, at place: String, _ checks: inout ShapeChecks) throws(AWSError) {
        let zip = try document.string("ZipFile")
        let bucket = try document.string("S3Bucket")
        let key = try document.string("S3Key")
        let version = try document.string("S3ObjectVersion")
        if let bucket {
            checks.length(bucket, at: place + "s3Bucket", in: 3...63)
            checks.pattern(
                bucket, at: place + "s3Bucket", #"[0-9A-Za-z\.\-_]*(?<!\.)"#,
                fits: Patterns.isWord(bucket, also: ".-_") && !bucket.hasSuffix("."))
        }
        if let key { checks.length(key, at: place + "s3Key", in: 1...1_024) }
        if try document.string("ImageUri") != nil {
            throw LambdaError.invalidParameter(
                "Please don't provide ImageUri when updating a function with packageType Zip.")
        }
        if let zip {
            guard bucket == nil, key == nil else {
                throw LambdaError.invalidParameter(
                    "Please do not provide other FunctionCode parameters when providing a ZipFile.")
            }
            wish = .bytes(zip)
        } else if let bucket, let key {
            wish = .object(bucket: bucket, key: key, version: version)
        } else {
            wish = nil
        }
    }

    /// - Throws: when the request names no code at all.
    func required() throws(AWSError) -> CodeIntake.Wish {
        if let wish { return wish }
        throw LambdaError.invalidParameter("Please provide a source for function code.")
    }
}
