import Bytes
import Foundation
import Seeded
import Testing

@testable import Lambda

/// Zips written byte by byte, so that they can say what no packer would.
struct HostileZip {
    struct Entry {
        var name: String
        var content: [UInt8] = Array("x".utf8)
        /// st_mode.
        var mode: UInt32 = 0o100_644
        var system: UInt8 = 3
        var flags: UInt16 = 0
        /// What the directory says, when it is not the content's.
        var claimedSize: UInt32?
    }

    var entries: [Entry]

    private static func little(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        Array(ByteOrder.bytes(value).reversed())
    }

    /// Stored entries (APPNOTE.TXT, 4.3.7 and 4.3.12).
    var bytes: [UInt8] {
        var zip: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let offset = UInt32(zip.count)
            let size = entry.claimedSize ?? UInt32(entry.content.count)
            let common =
                Self.little(entry.flags) + Self.little(UInt16(0)) + Self.little(UInt32(0x21_0000))
                + Self.little(Self.crc(entry.content)) + Self.little(size) + Self.little(size)
                + Self.little(UInt16(entry.name.utf8.count)) + Self.little(UInt16(0))
            zip +=
                [0x50, 0x4b, 3, 4] + Self.little(UInt16(20)) + common + Array(entry.name.utf8) + entry.content
            directory +=
                [0x50, 0x4b, 1, 2, 20, entry.system] + Self.little(UInt16(20)) + common
                + [UInt8](repeating: 0, count: 6) + Self.little(entry.mode << 16) + Self.little(offset)
                + Array(entry.name.utf8)
        }
        let count = Self.little(UInt16(entries.count))
        let end =
            [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + Self.little(UInt32(directory.count))
            + Self.little(UInt32(zip.count)) + [0, 0]
        return zip + directory + end
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

@Suite struct ZipTests {
    /// Unpacks in a folder of the test's own, beside which a file must stay alone.
    private func unpack(
        _ zip: [UInt8], limit: Int = 1_000_000, _ look: (String) throws -> Void = { _ in }
    ) throws -> CodeFault? {
        let base = NSTemporaryDirectory() + "zip-\(UUID().uuidString)"
        let folder = base + "/folder"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        try Data(zip).write(to: URL(fileURLWithPath: base + "/zip"))
        var fault: CodeFault?
        do throws(CodeFault) {
            _ = try ZipUnpacker.unpack(base + "/zip", into: folder, limit: limit)
        } catch {
            fault = error
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: base).sorted() == ["folder", "zip"])
        try look(folder)
        return fault
    }

    @Test func filesKeepBytesAndModes() throws {
        let zip = HostileZip(entries: [
            .init(name: "bootstrap", mode: 0o100_755), .init(name: "d/e/f", content: [1, 2, 3]),
            .init(name: "quiet", mode: 0o100_600),
        ])
        let fault = try unpack(zip.bytes) { folder in
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/d/e/f")) == Data([1, 2, 3]))
            for (name, mode) in [("bootstrap", 0o755), ("d/e/f", 0o644), ("quiet", 0o600), ("d", 0o755)] {
                let found = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
                #expect(found[.posixPermissions] as? Int == mode, "\(name)")
            }
        }
        #expect(fault == nil)
    }

    @Test(arguments: [
        "/x", "../x", "a/../../x", "..", "a/..", "\u{600}/..", "a\u{600}/../../x", "/\u{301}x",
        String(repeating: "n", count: 256),
        String(repeating: "d/", count: 65) + "x",
    ])
    func namesThatLeadElsewhereAreRefused(_ name: String) throws {
        guard case .refused? = try unpack(HostileZip(entries: [.init(name: name)]).bytes) else {
            Issue.record("\(name) was taken")
            return
        }
    }

    @Test func whatTheDirectoryClaimsIsNotBelieved() throws {
        let large = [UInt8](repeating: 7, count: 5_000)
        var zip = HostileZip(entries: [.init(name: "a", content: large)])
        #expect(try unpack(zip.bytes, limit: 5_000) == .tooLarge(limit: 5_000))
        #expect(try unpack(zip.bytes, limit: 5_001) == nil)
        zip.entries[0].claimedSize = 3_000_000_000
        #expect(try unpack(zip.bytes) == .tooLarge(limit: 1_000_000))
        zip.entries[0].claimedSize = 10
        #expect(try unpack(zip.bytes, limit: 5_000) != nil)
    }

    /// A few bytes of names would make millions of folders.
    @Test func foldersThatOnlyNamesTellOfAreCounted() throws {
        let deep = String(repeating: "d/", count: 62)
        let zip = HostileZip(entries: (0..<1_100).map { .init(name: "\($0)/\(deep)x", content: []) })
        guard case .refused(let reason)? = try unpack(zip.bytes) else {
            Issue.record("it was taken")
            return
        }
        #expect(reason.contains("files and folders"))
        let few = HostileZip(entries: (0..<20).map { .init(name: "\($0 / 2)/\(deep)x\($0)") })
        #expect(try unpack(few.bytes) == nil)
    }

    @Test func namesThatLookEqualAreDifferentFiles() throws {
        let zip = HostileZip(entries: [.init(name: "\u{e9}"), .init(name: "e\u{301}")])
        #expect(try unpack(zip.bytes) == nil)
    }

    @Test func allFilesTogetherAreBounded() throws {
        let piece = [UInt8](repeating: 7, count: 400)
        let zip = HostileZip(entries: (0..<3).map { .init(name: "f\($0)", content: piece) })
        #expect(try unpack(zip.bytes, limit: 1_200) == .tooLarge(limit: 1_200))
        #expect(try unpack(zip.bytes, limit: 1_201) == nil)
    }

    @Test func linksThatLeadOutByWayOfOthersAreFound() throws {
        func link(_ name: String, _ target: String) -> HostileZip.Entry {
            .init(name: name, content: Array(target.utf8), mode: 0o120_777)
        }
        for links in [
            [link("l", "\u{600}/../../x")], [link("l", "/etc")], [link("l", "../x")],
            [link("x/y/up", "../.."), link("x/y/out", "up/..")],
        ] {
            guard case .refused(let reason)? = try unpack(HostileZip(entries: links).bytes) else {
                Issue.record("\(links.map(\.name)) were taken")
                continue
            }
            #expect(reason.contains("leads out of the package"))
        }
        #expect(try unpack(HostileZip(entries: [link("a", "b"), link("b", "a")]).bytes) == nil)
        #expect(try unpack(HostileZip(entries: [link("d/l", "../nowhere")]).bytes) == nil)
    }

    @Test func upperLayersReplaceLowerOnes() throws {
        let base = NSTemporaryDirectory() + "layers-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        var zips: [String] = []
        for (index, content) in ["one", "two"].enumerated() {
            let zip = HostileZip(entries: [
                .init(name: "both", content: Array(content.utf8)), .init(name: "own\(index)"),
            ])
            zips.append("\(base)/\(index).zip")
            try Data(zip.bytes).write(to: URL(fileURLWithPath: zips[index]))
        }
        let folders = CodeFolders(root: base + "/code")
        #expect(try folders.make("merged", from: zips) == 8)
        #expect(try folders.make("merged", from: ["absent"]) == nil)
        let both = try String(contentsOfFile: folders.folder("merged") + "/both", encoding: .utf8)
        #expect(both == "two")
        #expect(folders.names == ["merged"])
        #expect(folders.setAside(["merged", "absent"]).count == 1)
        #expect(folders.names.isEmpty)
    }

    /// Whatever bytes come, nothing is written beside the folder and nothing fails but as it should.
    @Test func damagedZipsDoNoHarm() throws {
        var random = SeededRandom.fresh("ZipTests")
        let whole = HostileZip(entries: [
            .init(name: "a/b", content: [UInt8](repeating: 9, count: 300)),
            .init(name: "a/l", content: Array("b".utf8), mode: 0o120_777), .init(name: "c", mode: 0o100_755),
        ]).bytes
        for _ in 0..<400 {
            var zip = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                zip[Int.random(in: 0..<zip.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { zip.removeLast(Int.random(in: 0..<zip.count, using: &random)) }
            _ = try unpack(zip)
        }
    }
}
