import Bytes
import Clock
import Digests
import HTTPTypes
import Signing

/// Decides whether a request was signed by somebody we know (AWS General Reference, "Signature
/// Version 4"). It computes nothing of the signature itself: that is module Signing, shared with the
/// signer and held to AWS's published vectors. S3's older URLs are ``SignatureV2Claim``'s.
package struct SignatureVerifier: Sendable {
    var region: String
    var credentials: [Credentials]
    var acceptsAnyCredentials: Bool
    /// The names in a query that select what S3 is asked for.
    let subresources: Set<String>
    private let known = CredentialCache()
    private let heads = AuthorizationCache()

    package init(
        region: String, credentials: [Credentials], acceptsAnyCredentials: Bool, subresources: Set<String>
    ) {
        self.region = region
        self.credentials = credentials
        self.acceptsAnyCredentials = acceptsAnyCredentials
        self.subresources = subresources
    }

    package struct Result: Sendable {
        package var identity: CallerIdentity
        var signature: SignatureContext?
    }

    /// - Parameter payloadHash: lower-case hex of the body's SHA-256, for services which sign the body
    ///   itself; S3 signs whatever the request says about its payload, and passes nil.
    package func verify(
        _ request: HTTPRequest, service: String, style: SigningStyle, payloadHash: String?, now: Timestamp
    ) throws(AuthenticationFailure) -> Result {
        if acceptsAnyCredentials { return Result(identity: believed(request, style: style), signature: nil) }
        if style == .s3, let claim = try SignatureV2Claim(request, subresources: subresources) {
            return Result(identity: try verify(claim, now: now), signature: nil)
        }
        let claim = try SignatureClaimParser.parse(
            request, expiresIsRequired: style == .s3, remembering: heads)
        guard let claim else { throw .missing }
        let (credential, isNew) = try credential(of: claim, service: service, now: now) {
            style == .s3 && request.isForTheEndpointOfItsScope
        }
        let hash = if let payloadHash { payloadHash } else { try s3PayloadHash(of: claim) }
        try checkSignedHeaders(of: claim, request: request, style: style)

        let canonical = canonicalRequest(request, claim, payloadHash: hash, style: style)
        let text = StringToSign.bytes(
            timestamp: claim.timestamp, scope: credential.scopeText,
            canonicalRequestHash: canonical.withBytes { SHA256.hex($0) })
        let expected = text.withBytes { credential.signer.code($0) }
        let accessKeyID = credential.credentials.accessKeyID
        guard
            Self.isHex(claim.signature, of: expected)
                || style == .s3 && isSignedAsSent(canonical.array, request.path, claim, credential)
        else {
            throw .signatureMismatch(
                accessKeyID: accessKeyID, stringToSign: String(utf8: text.array), provided: claim.signature,
                canonicalRequest: String(utf8: canonical.array))
        }
        // Only now, or anybody who knows a key's id could push out what is kept.
        if isNew { known.add(credential) }
        remember(claim, of: request)
        // Only S3's bodies go on with the signature of their request.
        guard style == .s3 else { return Result(identity: .signed(accessKeyID: accessKeyID), signature: nil) }
        return Result(
            identity: .signed(accessKeyID: accessKeyID),
            signature: SignatureContext(
                signingKey: credential.signingKey, seedSignature: claim.signature, scope: credential.scope,
                timestamp: claim.timestamp))
    }

    private func remember(_ claim: SignatureClaim, of request: HTTPRequest) {
        guard !claim.isRemembered, claim.place == .header, let header = request.headers["Authorization"],
            let head = AuthorizationHead(
                header, credential: claim.credential, signedHeaders: claim.signedHeaders)
        else { return }
        heads.add(head)
    }

    /// Many clients sign the path of an object as they send it, be it encoded in AWS's way or not: a bare `+`,
    /// `%2f`, an escaped slash.
    private func isSignedAsSent(
        _ canonical: [UInt8], _ path: String, _ claim: SignatureClaim, _ credential: KnownCredential
    ) -> Bool {
        let lines = canonical.split(
            separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, !lines[1].elementsEqual(path.utf8) else { return false }
        let asSent = Array([lines[0], path.bytes[...], lines[2]].joined(separator: "\n".utf8))
        let text = StringToSign.bytes(
            timestamp: claim.timestamp, scope: credential.scopeText, canonicalRequestHash: SHA256.hex(asSent))
        return Self.isHex(claim.signature, of: text.withBytes { credential.signer.code($0) })
    }

    /// Whether `text` is `bytes` in lower-case hexadecimal digits, in a time that does not depend on how many agree.
    private static func isHex(_ text: String, of bytes: [UInt8]) -> Bool {
        var text = text
        return text.withUTF8 { digits in
            guard digits.count == 2 * bytes.count else { return false }
            var difference: UInt8 = 0
            for index in bytes.indices {
                difference |= digits[2 * index] ^ Hex.digit(bytes[index] >> 4)
                difference |= digits[2 * index + 1] ^ Hex.digit(bytes[index] & 15)
            }
            return difference == 0
        }
    }

    /// The claim's credential, if it is one of ours and good for this service and time.
    private func credential(
        of claim: SignatureClaim, service: String, now: Timestamp, _ isForAnyRegion: () -> Bool
    ) throws(AuthenticationFailure) -> (KnownCredential, isNew: Bool) {
        if let found = known[claim.credential], found.scope.service == service,
            found.scope.region == region || isForAnyRegion()
        {
            try checkTime(of: claim, scope: found.scope, now: now)
            try checkToken(claim.sessionToken, of: found.credentials)
            return (found, false)
        }
        let (name, scope) = try scope(of: claim, service: service, isForAnyRegion)
        try checkTime(of: claim, scope: scope, now: now)
        let key = try knownKey(name, token: claim.sessionToken)
        return (KnownCredential(claim.credential, key, scope), true)
    }

    private func verify(
        _ claim: SignatureV2Claim, now: Timestamp
    ) throws(AuthenticationFailure) -> CallerIdentity {
        switch claim.validity {
        case .until(let end):
            if now > end { throw .expired(at: end, seconds: nil, now: now) }
        case .around(let sent, let text):
            if abs(now - sent) > AuthenticationFailure.allowedSkewMilliseconds {
                throw .skewed(timestamp: text, at: sent, now: now)
            }
        }
        let key = try knownKey(claim.accessKeyID, token: claim.sessionToken)
        let expected = claim.expectedSignature(secretAccessKey: key.secretAccessKey)
        guard constantTimeEqual(expected.bytes, claim.signature.bytes) else {
            throw .signatureMismatch(
                accessKeyID: key.accessKeyID, stringToSign: claim.stringToSign, provided: claim.signature,
                canonicalRequest: nil)
        }
        return .signed(accessKeyID: key.accessKeyID)
    }

    /// The key that the request names, unchecked.
    private func believed(_ request: HTTPRequest, style: SigningStyle) -> CallerIdentity {
        let credential =
            request.headers["Authorization"].flatMap { AuthorizationHeader($0).credential }
            ?? SignedQuery(rawQuery: request.rawQuery)["X-Amz-Credential"]
        let name =
            credential.map { String($0.prefix { $0 != "/" }) }
            ?? (style == .s3 ? SignatureV2Claim.accessKeyID(namedBy: request) : nil)
        return .signed(accessKeyID: name ?? "anonymous")
    }

    private func scope(
        of claim: SignatureClaim, service: String, _ isForAnyRegion: () -> Bool
    ) throws(AuthenticationFailure) -> (accessKeyID: String, SigningScope) {
        let parts = claim.credential.bytes.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
        )
        .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count >= 5 else { throw .malformedCredential(claim.credential) }
        let scope = parts.suffix(4).map { $0 }
        let (date, region, named, terminator) = (scope[0], scope[1], scope[2], scope[3])
        guard date.utf8.count == 8, date.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformedScopeDate(date)
        }
        guard region == self.region || isForAnyRegion() && VirtualHost.isRegion(region[...]) else {
            throw .wrongRegion(region, expected: self.region)
        }
        if named != service { throw .wrongService(named, expected: service) }
        if terminator != "aws4_request" { throw .wrongTerminator(terminator) }
        // An access key id may itself hold slashes; the scope is the last four parts.
        let accessKeyID = parts.dropLast(4).filter { !$0.isEmpty }.joined(separator: "/")
        if accessKeyID.isEmpty { throw .emptyAccessKey(credential: claim.credential) }
        return (accessKeyID, SigningScope(date: date, region: region, service: named))
    }

    private func checkTime(
        of claim: SignatureClaim, scope: SigningScope, now: Timestamp
    ) throws(AuthenticationFailure) {
        guard let sent = Timestamp(iso8601Basic: claim.timestamp) else {
            throw .malformedDate(claim.timestamp)
        }
        // Whoever has read the timestamp has checked that it begins with eight digits.
        guard claim.timestamp.hasPrefix(scope.date) else {
            throw .scopeDateDiffers(scope: scope.date, timestamp: claim.timestamp)
        }
        let age = now.milliseconds - sent.milliseconds
        switch claim.place {
        case .header:
            if abs(age) > AuthenticationFailure.allowedSkewMilliseconds {
                throw .skewed(timestamp: claim.timestamp, at: sent, now: now)
            }
        case .query(let expires):
            if -age > AuthenticationFailure.allowedSkewMilliseconds { throw .notYetValid(sent, now: now) }
            let end = Timestamp(milliseconds: sent.milliseconds + Int64(expires) * 1000)
            if now > end { throw .expired(at: end, seconds: expires, now: now) }
        }
    }

    func knownKey(_ name: String, token: String?) throws(AuthenticationFailure) -> Credentials {
        guard let key = credentials.first(where: { $0.accessKeyID == name }) else {
            throw .unknownAccessKey(name)
        }
        try checkToken(token, of: key)
        return key
    }

    private func checkToken(_ token: String?, of key: Credentials) throws(AuthenticationFailure) {
        // A temporary key does not exist for those who cannot show its token.
        if key.sessionToken != nil, token == nil { throw .unknownAccessKey(key.accessKeyID) }
        guard key.sessionToken == token else { throw .wrongToken(token) }
    }

    /// What S3 signs in place of the body's hash.
    private func s3PayloadHash(of claim: SignatureClaim) throws(AuthenticationFailure) -> String {
        if let hash = claim.contentHash { return hash }
        if claim.place == .header { throw .missingContentHash }
        return "UNSIGNED-PAYLOAD"
    }

    private func checkSignedHeaders(
        of claim: SignatureClaim, request: HTTPRequest, style: SigningStyle
    ) throws(AuthenticationFailure) {
        if !claim.signedHeaders.contains("host") { throw .hostNotSigned }
        guard style == .s3 else { return }
        // Without this check anybody who holds a presigned URL could add headers that change its meaning.
        var unsigned: [String] = []
        request.headers.forEachField { field in
            guard field.isAmazonHeader, !claim.signedHeaders.contains(where: { field.isNamed($0) }) else {
                return
            }
            unsigned.append(String(decoding: field.name, as: UTF8.self).lowercased())
        }
        if !unsigned.isEmpty { throw .headersNotSigned(unsigned) }
    }

    private func canonicalRequest(
        _ request: HTTPRequest, _ claim: SignatureClaim, payloadHash: String, style: SigningStyle
    ) -> ByteBuffer {
        CanonicalRequest.bytes(
            method: request.method, path: request.path,
            query: SignedQuery.withoutSignature(request.rawQuery), headers: request.headers,
            signedHeaders: claim.signedHeaders, payloadHash: payloadHash, style: style)
    }
}
