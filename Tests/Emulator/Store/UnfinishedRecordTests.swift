import Digests
import Foundation
import Testing

@testable import Store

@Suite struct UnfinishedRecordTests {
    static func fragment(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let covered = [type] + payload
        let crc = covered.withUnsafeBytes { CRC32C.update(0, $0) }
        let masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
        return (0..<4).map { UInt8(truncatingIfNeeded: masked >> UInt32(8 * $0)) }
            + [UInt8(payload.count & 255), UInt8(payload.count >> 8), type] + payload
    }

    /// A record that begins but does not end, followed by a whole one: it must be left alone.
    @Test func aWholeRecordBehindAnUnfinishedOneIsNotCut() throws {
        let folder = TemporaryFolder()
        let path = folder.store + "-log"
        let first = Self.fragment(2, [UInt8](repeating: 65, count: 32_768 - 7))
        let full = Self.fragment(1, [UInt8](repeating: 66, count: 100))
        try Data(first + full).write(to: URL(fileURLWithPath: path))
        #expect(try LogTail.tornRecord(path) == nil)
    }
}
