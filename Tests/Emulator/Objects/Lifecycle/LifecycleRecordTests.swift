import Clock
import Testing

@testable import Objects

/// Rules survive being stored, whatever they hold.
@Suite struct LifecycleRecordTests {
    @Test func everyMemberComesBack() throws {
        var filter = LifecycleFilter(form: .and, prefix: "p/é")
        filter.tags = [Tag(key: "a", value: "1"), Tag(key: "b", value: "")]
        filter.greaterThan = 1
        filter.lessThan = 99
        var rule = LifecycleRule(id: "all", isEnabled: true, filter: filter)
        rule.expiration = .at(.date(Timestamp(seconds: 86_400)))
        rule.transitions = [
            .init(moment: .days(30), storageClass: "STANDARD_IA"),
            .init(moment: .date(Timestamp(seconds: 0)), storageClass: "GLACIER"),
        ]
        rule.noncurrentExpiration = .init(days: 3, kept: 4)
        rule.noncurrentTransitions = [.init(noncurrent: .init(days: 1, kept: nil), storageClass: "GLACIER")]
        rule.abortUploadsAfter = 7
        var markers = LifecycleRule(id: "", isEnabled: false, filter: LifecycleFilter(form: .empty))
        markers.expiration = .expiredMarkers(true)
        let configuration = LifecycleConfiguration(rules: [rule, markers], smallObjects: .moveToArchives)
        #expect(try LifecycleConfiguration(decoding: configuration.encoded()) == configuration)
    }

    @Test func everyCutIsFound() throws {
        var rule = LifecycleRule(
            id: "r", isEnabled: true, filter: LifecycleFilter(form: .prefix, prefix: "p"))
        rule.expiration = .at(.days(1))
        let bytes = LifecycleConfiguration(rules: [rule]).encoded()
        for length in 0..<bytes.count {
            #expect(throws: RecordError.self) {
                try LifecycleConfiguration(decoding: Array(bytes[..<length]))
            }
        }
    }

    @Test func unknownVersionsAreRefused() {
        #expect(throws: RecordError.self) { try LifecycleConfiguration(decoding: [9]) }
        #expect(throws: RecordError.self) { try NotificationConfiguration(decoding: [9]) }
        #expect(throws: RecordError.self) { try RestoredCopy(decoding: [9]) }
    }

    @Test func parsedRulesAreKept() throws {
        let desk = LifecycleDesk()
        var bucket = BucketRecord(created: Timestamp(seconds: 0), region: "us-east-1")
        #expect(try desk.rules(of: bucket) == nil)
        for number in 0..<200 {
            var rule = LifecycleRule(
                id: "\(number)", isEnabled: true, filter: LifecycleFilter(form: .empty))
            rule.abortUploadsAfter = number
            bucket.documents[.lifecycle] = LifecycleConfiguration(rules: [rule]).encoded()
            #expect(try desk.rules(of: bucket)?.rules.first?.id == "\(number)")
            #expect(try desk.rules(of: bucket)?.rules.first?.abortUploadsAfter == number)
        }
    }
}
