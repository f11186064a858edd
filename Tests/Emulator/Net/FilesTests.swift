import Foundation
import Net
import Testing

@Suite struct FilesTests {
    private let root = NSTemporaryDirectory() + "files-" + UUID().uuidString

    @Test func removingATreeFollowsNoLink() throws {
        let (outside, tree) = (root + "/outside", root + "/tree")
        try Files.makeDirectories(outside)
        try Files.makeDirectories(tree + "/deep")
        try Files.writeFile(outside + "/kept", [1])
        try FileManager.default.createSymbolicLink(atPath: tree + "/deep/link", withDestinationPath: outside)
        try FileManager.default.createSymbolicLink(atPath: root + "/top", withDestinationPath: outside)
        Files.removeTree(root + "/top")
        Files.removeTree(tree)
        #expect(!FileManager.default.fileExists(atPath: tree))
        #expect(!FileManager.default.fileExists(atPath: root + "/top"))
        #expect(try Files.readFile(outside + "/kept", limit: 10) == [1])
        Files.removeTree(root)
        #expect(!FileManager.default.fileExists(atPath: root))
    }

    @Test func absolutePathsAndStartTimes() throws {
        #expect(Files.absolute("/usr/../usr/bin") == "/usr/bin")
        #expect(Files.absolute("/nowhere/at/all") == nil)
        let own = try #require(ProcessFacts.startTime(getpid()))
        #expect(ProcessFacts.startTime(getpid()) == own)
        #expect(ProcessFacts.startTime(1) != own)
        #expect(ProcessFacts.startTime(-1) == nil)
    }
}
