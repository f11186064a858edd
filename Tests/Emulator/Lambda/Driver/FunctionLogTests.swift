import Foundation
import JSON
import Net
import Testing

@testable import Lambda

@Suite struct FunctionLogTests {
    @Test func outputStandsBetweenStartAndEnd() async throws {
        try await Workshop().use { shop in
            let outcome = await shop.call(["do": "print"], options: .init(wantsLogTail: true))
            let id = outcome.result?.requestID ?? ""
            let lines = masked(outcome.log, requestID: id).split(separator: "\n").map(String.init)
            #expect(lines.first == "START RequestId: ID Version: $LATEST")
            #expect(Set(lines[1...3]) == ["one", "two", "three"])
            #expect(
                Array(lines[4...]) == [
                    "END RequestId: ID",
                    "REPORT RequestId: ID\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 256 MB\tMax Memory Used: N MB\tInit Duration: N ms\t",
                ])
            let file = try await shop.log()
            #expect(file.hasSuffix(outcome.log))
            #expect(file.hasPrefix("INIT_START "))
            #expect(file.contains("initialised\n"))
        }
    }

    @Test func theTailIsFourKilobytesAndItsOwnCallsOnly() async throws {
        try await Workshop([Workshop.function(concurrency: 1)]).use { shop in
            _ = await shop.call(["do": "print"])
            let second = await shop.call([:], options: .init(wantsLogTail: true))
            #expect(!second.log.contains("one"))
            #expect(!second.log.contains("Init Duration"))
            #expect(await shop.call([:]).log == "")
        }
    }

    @Test func filesAreRotatedAtTheirLimit() async throws {
        let folder = NSTemporaryDirectory() + "log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await Self.fill(folder + "/f.log")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["f.log", "f.log.1"])
        let sizes = try names.map { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)).count }
        #expect(sizes == [30, 1000])
    }

    @EventLoop private static func fill(_ path: String) async throws {
        let log = FunctionLog(path: path, maximumBytes: 1000)
        for _ in 0..<203 {
            log.append("123456789\n")
            log.flush()
        }
        log.close()
    }

    @Test func aLogThatCannotBeWrittenIsCounted() async throws {
        await Self.writeNowhere()
    }

    @EventLoop private static func writeNowhere() {
        let log = FunctionLog(path: "/no/such/folder/f.log", maximumBytes: 1000)
        log.append("12345\n")
        log.flush()
        #expect(log.lostBytes == 6)
        log.close()
    }
}
