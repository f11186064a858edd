import Clock
import HTTPTypes

/// Reads the claim out of header or query, and says what is missing.
enum SignatureClaimParser {
    static let algorithm = "AWS4-HMAC-SHA256"

    /// Nil when the request is not signed at all.
    static func parse(
        _ request: HTTPRequest, expiresIsRequired: Bool, remembering heads: AuthorizationCache
    ) throws(AuthenticationFailure) -> SignatureClaim? {
        let query = SignedQuery(rawQuery: request.rawQuery)
        let isInQuery =
            query.has("X-Amz-Algorithm") || query.has("X-Amz-Credential") || query.has("X-Amz-Signature")
        if !isInQuery,
            let (head, signature) = request.headers.withValue(of: "Authorization", heads.find) ?? nil,
            let timestamp = try timestamp(of: request)
        {
            var claim = claim(
                head.credential, signedHeaders: head.signedHeaders, signature, timestamp, of: request)
            claim.isRemembered = true
            return claim
        }
        guard let header = request.headers["Authorization"] else {
            return isInQuery ? try parse(query, of: request, expiresIsRequired: expiresIsRequired) : nil
        }
        if isInQuery { throw .twoMechanisms(header) }
        return try parse(header: header, of: request)
    }

    private static func parse(
        header: String, of request: HTTPRequest
    ) throws(AuthenticationFailure) -> SignatureClaim {
        let fields = AuthorizationHeader(header)
        let named = fields.algorithm
        guard named.hasPrefix("AWS4-") else { throw .unsupportedScheme(header) }
        guard named == algorithm else { throw .unsupportedAlgorithm(named) }
        let timestamp = try timestamp(of: request)
        let (credential, signature, signedHeaders) = (
            fields.credential, fields.signature, fields.signedHeaders
        )
        guard let credential, let signature, let signedHeaders, let timestamp else {
            let missing = [
                credential == nil ? "Credential" : nil, signature == nil ? "Signature" : nil,
                signedHeaders == nil ? "SignedHeaders" : nil,
            ].compactMap { $0 }
            throw .incompleteHeader(missing: missing, lacksDate: timestamp == nil, algorithm: named)
        }
        return claim(credential, signedHeaders: names(signedHeaders), signature, timestamp, of: request)
    }

    private static func claim(
        _ credential: String, signedHeaders: [String], _ signature: String, _ timestamp: String,
        of request: HTTPRequest
    ) -> SignatureClaim {
        SignatureClaim(
            place: .header, credential: credential, signedHeaders: signedHeaders, signature: signature,
            timestamp: timestamp, sessionToken: request.headers["X-Amz-Security-Token"],
            contentHash: request.headers["X-Amz-Content-Sha256"])
    }

    private static func parse(
        _ query: SignedQuery, of request: HTTPRequest, expiresIsRequired: Bool
    ) throws(AuthenticationFailure) -> SignatureClaim {
        var required = [
            "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date",
        ]
        if expiresIsRequired { required.append("X-Amz-Expires") }
        let missing = required.filter { (query[$0] ?? "").isEmpty }
        guard missing.isEmpty, let credential = query["X-Amz-Credential"],
            let signature = query["X-Amz-Signature"], let signedHeaders = query["X-Amz-SignedHeaders"],
            let timestamp = query["X-Amz-Date"]
        else { throw .incompleteQuery(missing: missing) }
        guard query["X-Amz-Algorithm"] == algorithm else {
            throw .unsupportedAlgorithm(query["X-Amz-Algorithm"] ?? "")
        }
        return SignatureClaim(
            place: .query(expires: try expires(query["X-Amz-Expires"])), credential: credential,
            signedHeaders: names(signedHeaders), signature: signature, timestamp: timestamp,
            sessionToken: query["X-Amz-Security-Token"],
            contentHash: request.claimedPayloadHash)
    }

    private static func expires(_ text: String?) throws(AuthenticationFailure) -> Int {
        // Services other than S3 let the parameter be absent; their signatures live as long as the skew.
        guard let text else { return Int(AuthenticationFailure.allowedSkewMinutes) * 60 }
        guard let seconds = Int(text) else { throw .expires(.notANumber) }
        if seconds < 0 { throw .expires(.negative) }
        if seconds > 604_800 { throw .expires(.beyondAWeek) }
        return seconds
    }

    /// Nil when there is neither an `X-Amz-Date` nor a `Date` header.
    private static func timestamp(of request: HTTPRequest) throws(AuthenticationFailure) -> String? {
        if let date = request.headers["X-Amz-Date"] { return date }
        guard let date = request.headers["Date"] else { return nil }
        if let time = Timestamp(rfc1123: date) { return time.iso8601Basic }
        return date
    }

    private static func names(_ text: String) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            var names: [String] = []
            names.reserveCapacity(8)
            var start = 0
            while start < bytes.count {
                var end = start
                var isLower = true
                while end < bytes.count, bytes[end] != 0x3B {
                    if (0x41...0x5A).contains(bytes[end]) || bytes[end] >= 0x80 { isLower = false }
                    end += 1
                }
                let name = String(decoding: bytes[start..<end], as: UTF8.self)
                if end > start { names.append(isLower ? name : name.lowercased()) }
                start = end + 1
            }
            return names
        }
    }
}
