import Bytes

/// Request ids in the shapes AWS uses.
enum RequestIdentifier {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    private static let base64Alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// 36 to the power of 12 is below 2 to the power of 64 by more than a hundred times.
    private static let lettersPerNumber = 12
    /// Of six bits each.
    private static let digitsPerNumber = 10

    /// 52 letters and digits, as DynamoDB sends.
    static func json() -> String { letters(52) }

    /// 16 letters and digits, as S3 sends in `x-amz-request-id`.
    static func s3() -> String { letters(16) }

    /// 57 random bytes in base64, as long as most of S3's `x-amz-id-2`: 76 digits of six random bits.
    static func s3Host() -> String {
        let generator = BufferedRandomNumberGenerator()
        return base64Alphabet.withUnsafeBufferPointer { alphabet in
            String(unsafeUninitializedCapacity: 76) { buffer in
                var number: UInt64 = 0
                for index in 0..<76 {
                    if index % digitsPerNumber == 0 { number = generator.next() }
                    buffer[index] = alphabet[Int(number & 63)]
                    number >>= 6
                }
                return 76
            }
        }
    }

    private static func letters(_ count: Int) -> String {
        let generator = BufferedRandomNumberGenerator()
        return alphabet.withUnsafeBufferPointer { alphabet in
            String(unsafeUninitializedCapacity: count) { buffer in
                var number: UInt64 = 0
                for index in 0..<count {
                    if index % lettersPerNumber == 0 { number = generator.next() }
                    // The whole part of 36 times the fraction that `number` stands for.
                    let (digit, rest) = number.multipliedFullWidth(by: 36)
                    buffer[index] = alphabet[Int(digit)]
                    number = rest
                }
                return count
            }
        }
    }
}
