import Bytes

/// Request ids in the shapes AWS uses.
enum RequestIdentifier {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

    /// 52 letters and digits, as DynamoDB sends.
    static func json() -> String { letters(52) }

    /// 16 letters and digits, as S3 sends in `x-amz-request-id`.
    static func s3() -> String { letters(16) }

    /// 57 random bytes in base64, as long as most of S3's `x-amz-id-2`.
    static func s3Host() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64.encode((0..<57).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private static func letters(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String(
            decoding: (0..<count).map { _ in alphabet.randomElement(using: &generator)! }, as: UTF8.self)
    }
}
