import AWSProtocol
import Bytes

/// What S3 demands of a configuration before it keeps it (Amazon S3 User Guide, "Configuring event notifications
/// using object key name filtering").
extension NotificationConfiguration {
    private static let maxRules = 100
    private static let longestID = 255

    /// Everything that can be judged without looking for the destinations.
    /// - Throws: InvalidArgument, InvalidRequest.
    func validate(region: String) throws(AWSError) {
        guard rules.count <= Self.maxRules else {
            throw .invalidRequest(
                "Too many configurations submitted. The maximum number of configurations is \(Self.maxRules)")
        }
        for rule in rules { try Self.checkARN(of: rule, region) }
        var ids: Set<String> = []
        for rule in rules {
            guard rule.id.utf8.count <= Self.longestID else {
                throw .invalidArgument(
                    "ID length exceeded allowed limit of \(Self.longestID)", name: "Id", value: rule.id)
            }
            guard ids.insert(rule.id).inserted else {
                throw .invalidArgument(
                    "Same ID used for multiple configurations. IDs must be unique.", name: "Id",
                    value: rule.id)
            }
            try Self.checkEvents(of: rule)
        }
        for (index, rule) in rules.enumerated() {
            for other in rules[..<index] { try Self.checkOverlap(other, rule) }
        }
    }

    private static func checkARN(of rule: Rule, _ region: String) throws(AWSError) {
        let parts = rule.arn.split(separator: ":", omittingEmptySubsequences: false)
        let isFunction = rule.destination != .function || FunctionARN(rule.arn) != nil
        guard parts.count >= 6, parts[0] == "arn", parts[1].hasPrefix("aws"),
            parts[2] == rule.destination.service, parts[4].utf8.count == 12, !parts[5].isEmpty, isFunction
        else {
            throw .invalidArgument(
                "The ARN could not be parsed", name: rule.destination.argument, value: rule.arn)
        }
        guard parts[3] == region else {
            throw .invalidArgument(
                "The notification destination service region is not valid for the bucket location constraint",
                name: rule.destination.argument, value: rule.arn)
        }
        if rule.destination == .queue, parts[5].hasSuffix(".fifo") {
            throw .invalidArgument("FIFO SQS queues are not supported.", name: "Queue", value: rule.arn)
        }
    }

    private static func checkEvents(of rule: Rule) throws(AWSError) {
        for (index, event) in rule.events.enumerated() {
            guard EventNames.known.contains(event) else {
                throw .invalidArgument(
                    "The event is not supported for notifications", name: "Event", value: event)
            }
            if let other = rule.events[..<index].first(where: { EventNames.overlap($0, event) }) {
                throw overlap(other, event)
            }
        }
    }

    /// Two rules must never both want the same event.
    private static func checkOverlap(_ a: Rule, _ b: Rule) throws(AWSError) {
        for first in a.events {
            for second in b.events where EventNames.overlap(first, second) {
                let (prefixA, prefixB) = ((a.prefix ?? "").bytes, (b.prefix ?? "").bytes)
                let (suffixA, suffixB) = (
                    Array((a.suffix ?? "").utf8.reversed()), Array((b.suffix ?? "").utf8.reversed())
                )
                guard prefixA.starts(with: prefixB) || prefixB.starts(with: prefixA),
                    suffixA.starts(with: suffixB) || suffixB.starts(with: suffixA)
                else { continue }
                if prefixA.isEmpty, prefixB.isEmpty, suffixA.isEmpty, suffixB.isEmpty {
                    throw overlap(first, second)
                }
                throw .invalidArgument(
                    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if "
                        + "the prefixes are overlapping for the same event type.",
                    name: "Event", value: "\(first), \(second)")
            }
        }
    }

    private static func overlap(_ first: String, _ second: String) -> AWSError {
        .invalidArgument(
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            name: "Event", value: "\(first), \(second)")
    }

    /// Looks for the destinations. Only functions exist here; all that are missing are named at once.
    /// - Throws: InvalidArgument.
    func checkDestinations(
        _ configuration: ObjectsService.Configuration, _ functions: EventQueue
    ) throws(AWSError) {
        var missing: [(name: String, reason: String)] = []
        for rule in rules {
            switch rule.destination {
            case .queue: missing.append((rule.arn, "The destination queue does not exist"))
            case .topic: missing.append((rule.arn, "The destination topic does not exist"))
            case .function:
                if FunctionARN(rule.arn)?.isCallable(configuration, functions) == true { continue }
                missing.append(("\(rule.arn), null", "Not authorized to invoke function [\(rule.arn)]"))
            }
        }
        if missing.isEmpty { return }
        throw AWSError(
            code: "InvalidArgument",
            message: "Unable to validate the following destination configurations",
            elements: missing.enumerated().flatMap { index, fault in
                [("ArgumentName\(index + 1)", fault.name), ("ArgumentValue\(index + 1)", fault.reason)]
            })
    }
}
