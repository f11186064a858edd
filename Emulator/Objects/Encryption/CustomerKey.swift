import AWSProtocol
import Bytes
import Digests

/// A key that the client sends along (Amazon S3 User Guide, "Using server-side encryption with
/// customer-provided keys"). It is needed again for every read; kept is its MD5 alone.
struct CustomerKey: Sendable, Equatable {
    /// Base64.
    var md5: String

    /// What stands before `-algorithm`, `-key` and `-key-MD5`.
    enum Headers: String, Sendable {
        case own = "x-amz-server-side-encryption-customer"
        /// The key of the object that a copy is made from.
        case copySource = "x-amz-copy-source-server-side-encryption-customer"
    }

    /// Bytes.
    private static let keyLength = 32

    /// Reads and judges the three headers.
    /// - Returns: nil when none of them is there.
    /// - Throws: InvalidArgument, InvalidEncryptionAlgorithmError.
    static func read(from request: S3Request, _ headers: Headers = .own) throws(AWSError) -> CustomerKey? {
        if headers == .own, !request.mentionsEncryption { return nil }
        let algorithm = request.header("\(headers.rawValue)-algorithm")
        let key = request.header("\(headers.rawValue)-key")
        let md5 = request.header("\(headers.rawValue)-key-MD5")
        guard algorithm != nil || key != nil || md5 != nil else { return nil }
        guard let algorithm else { throw missing("a valid encryption algorithm") }
        guard algorithm == "AES256" else {
            throw AWSError(
                code: "InvalidEncryptionAlgorithmError",
                message: "The Encryption request you specified is not valid. Supported value: AES256.",
                elements: [("ArgumentName", ObjectEncryption.header), ("ArgumentValue", algorithm)])
        }
        guard let key else { throw missing("an appropriate secret key") }
        guard let md5 else { throw missing("the client calculated MD5 of the secret key") }
        guard let bytes = Base64.decode(key), bytes.count == keyLength else {
            throw invalid("The secret key was invalid for the specified algorithm.")
        }
        guard md5 == Base64.encode(MD5.hash(bytes)) else {
            throw invalid("The calculated MD5 hash of the key did not match the hash that was provided.")
        }
        return CustomerKey(md5: md5)
    }

    private static func missing(_ what: String) -> AWSError {
        invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide \(what).")
    }

    private static func invalid(_ message: String) -> AWSError {
        .invalidArgument(message, name: ObjectEncryption.header, value: nil)
    }

    // MARK: - Admission

    /// Holds the key of a request against how an object was stored.
    /// - Throws: InvalidRequest for a key too few or too many, AccessDenied for another one.
    static func admit(
        _ request: S3Request, _ headers: Headers = .own, to encryption: ObjectEncryption
    ) throws(AWSError) {
        let given = try read(from: request, headers)
        switch (encryption, given) {
        case (.customer, nil):
            throw .invalidRequest(
                "The object was stored using a form of Server Side Encryption. The correct parameters must "
                    + "be provided to retrieve the object.")
        case (.customer(let md5), let given?):
            if given.md5 != md5 {
                throw .accessDenied(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide the "
                        + "correct secret key.")
            }
        case (_, .some):
            throw .invalidRequest("The encryption parameters are not applicable to this object.")
        case (_, nil): break
        }
    }

    /// Holds the key of a part against how its upload was begun.
    /// - Throws: InvalidRequest, InvalidArgument for a header that only begins an upload.
    static func admit(part request: S3Request, of upload: UploadRecord) throws(AWSError) {
        try ObjectEncryption.refuseWish(in: request)
        let given = try read(from: request)
        if case .customer(let md5) = upload.attributes.encryption {
            guard let given else {
                throw .invalidRequest(
                    "The multipart upload initiate requested encryption. Subsequent part requests must "
                        + "include the appropriate encryption parameters.")
            }
            if given.md5 == md5 { return }
        } else if given == nil {
            return
        }
        throw .invalidRequest(
            "The provided encryption parameters did not match the ones used originally.")
    }
}

extension S3Request {
    /// Whether any header speaks of encryption. Nearly none does, and this is quicker than a look for each.
    var mentionsEncryption: Bool {
        http.headers.containsField { $0.isNameBeginning(with: ObjectEncryption.header) }
            || query.contains { Self.isAboutEncryption($0.name) }
    }

    private static func isAboutEncryption(_ name: String) -> Bool {
        let prefix = ObjectEncryption.header.utf8
        return name.utf8.count >= prefix.count
            && zip(name.utf8, prefix).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}

extension ObjectEncryption {
    /// The header in which a client says how to encrypt.
    static let header = "x-amz-server-side-encryption"

    /// Reading an object needs no such wish, and S3 takes none.
    static func refuseWish(in request: S3Request) throws(AWSError) {
        guard request.mentionsEncryption, let value = request.header(header) else { return }
        throw .invalidArgument(
            "x-amz-server-side-encryption header is not supported for this operation.", name: header,
            value: value)
    }

    /// The entity tag of an object that came in one piece: only with keys of S3's own it is the bytes' MD5.
    func entityTag(md5: [UInt8]) -> String {
        self == .managed ? Hex.encode(md5) : UUID4.make().filter { $0 != "-" }
    }
}
