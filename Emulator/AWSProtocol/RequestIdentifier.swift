import Bytes

/// Request ids in the shapes AWS uses.
enum RequestIdentifier {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    /// 36 to the power of 12 is below 2 to the power of 64 by more than a hundred times.
    private static let lettersPerNumber = 12

    /// 52 letters and digits, as DynamoDB sends.
    static func json() -> String { letters(52) }

    /// 16 letters and digits, as S3 sends in `x-amz-request-id`.
    static func s3() -> String { letters(16) }

    /// 57 random bytes in base64, as long as most of S3's `x-amz-id-2`.
    static func s3Host() -> String {
        let generator = BufferedRandomNumberGenerator()
        var bytes: [UInt8] = []
        for _ in 0..<8 { ByteOrder.append(generator.next(), to: &bytes) }
        return Base64.encode(bytes[0..<57])
    }

    private static func letters(_ count: Int) -> String {
        let generator = BufferedRandomNumberGenerator()
        return String(unsafeUninitializedCapacity: count) { buffer in
            var number: UInt64 = 0
            for index in 0..<count {
                if index % lettersPerNumber == 0 { number = generator.next() }
                buffer[index] = alphabet[Int(number % 36)]
                number /= 36
            }
            return count
        }
    }
}
