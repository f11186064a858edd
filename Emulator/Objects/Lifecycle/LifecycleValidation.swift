import AWSProtocol
import Clock

/// What S3 demands of rules that fit its schema (Amazon S3 User Guide, "Lifecycle configuration elements" and
/// "Transitioning objects using Amazon S3 Lifecycle").
enum LifecycleValidation {
    private static let longestID = 255
    private static let largestSize: Int64 = 1_099_511_627_776_000
    /// Unicode characters.
    private static let (longestTagKey, longestTagValue) = (128, 256)

    static func check(_ rules: [LifecycleRule]) throws(AWSError) {
        var ids: Set<String> = []
        for rule in rules {
            guard rule.id.unicodeScalars.count <= longestID else {
                throw .invalidArgument(
                    "ID length should not exceed allowed limit of \(longestID)", name: "ID", value: rule.id)
            }
            guard ids.insert(rule.id).inserted else {
                throw .invalidArgument(
                    "Rule ID must be unique. Found same ID for more than one rule", name: "ID",
                    value: rule.id)
            }
        }
        try checkForms(rules)
        for rule in rules {
            try check(rule.filter)
            try checkActions(of: rule)
            try checkTransitions(of: rule)
            try checkNoncurrent(of: rule)
        }
        try checkOverlap(rules)
    }

    /// All rules have the older form, or none.
    private static func checkForms(_ rules: [LifecycleRule]) throws(AWSError) {
        let isOld = rules.first?.filter.form == .rulePrefix
        for rule in rules where (rule.filter.form == .rulePrefix) != isOld {
            throw .invalidRequest(
                isOld
                    ? "Filter element can only be used in Lifecycle V2."
                    : "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the "
                        + "Filter.")
        }
        let keepsNewer = rules.contains { rule in
            rule.noncurrentExpiration?.kept != nil
                || rule.noncurrentTransitions.contains { $0.noncurrent.kept != nil }
        }
        if isOld, keepsNewer {
            throw .invalidRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2.")
        }
    }

    private static func check(_ filter: LifecycleFilter) throws(AWSError) {
        if let size = filter.greaterThan, !(0...largestSize).contains(size) {
            throw .invalidRequest("'ObjectSizeGreaterThan' should be between 0 and \(largestSize).")
        }
        if let size = filter.lessThan, !(1...largestSize).contains(size) {
            throw .invalidRequest("'ObjectSizeLessThan' should be between 1 and \(largestSize).")
        }
        if let greaterThan = filter.greaterThan, let lessThan = filter.lessThan, lessThan <= greaterThan {
            throw .invalidRequest(
                "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
        }
        guard Set(filter.tags.map(\.key)).count == filter.tags.count else {
            throw .invalidRequest("Duplicate Tag Keys are not allowed.")
        }
        for tag in filter.tags {
            guard (1...longestTagKey).contains(tag.key.unicodeScalars.count) else {
                throw .invalidRequest("A Tag's Key must be a length between 1 and \(longestTagKey).")
            }
            guard tag.value.unicodeScalars.count <= longestTagValue else {
                throw .invalidRequest("A Tag's Value must be a length between 0 and \(longestTagValue).")
            }
        }
    }

    private static func checkActions(of rule: LifecycleRule) throws(AWSError) {
        guard
            rule.expiration != nil || !rule.transitions.isEmpty || rule.noncurrentExpiration != nil
                || !rule.noncurrentTransitions.isEmpty || rule.abortUploadsAfter != nil
        else { throw .invalidRequest("At least one action needs to be specified in a rule") }
        var bare: [String] = []
        if case .expiredMarkers = rule.expiration { bare.append("ExpiredObjectDeleteMarker") }
        if rule.abortUploadsAfter != nil { bare.append("AbortIncompleteMultipartUpload") }
        guard let action = bare.first else { return }
        if !rule.filter.tags.isEmpty {
            throw .invalidRequest("\(action) cannot be specified with Tags.")
        }
        if rule.filter.hasSize { throw .invalidRequest("\(action) cannot be specified with Object Size.") }
    }

    // MARK: - Transitions

    private static func checkTransitions(of rule: LifecycleRule) throws(AWSError) {
        let steps = rule.transitions.map { Step($0.moment, $0.storageClass) }
        try checkSteps(steps, "Transition", "Days", rule)
        guard case .at(let end) = rule.expiration else { return }
        for step in steps {
            switch (end, step.moment) {
            case (.days(let end), .days(let start)) where end <= start:
                throw .invalidArgument(
                    "'Days' in the Expiration action for \(rule.filter.words) must be greater than 'Days' in "
                        + "the Transition action", name: "Days", value: String(end))
            case (.date(let end), .date(let start)) where end <= start:
                throw .invalidArgument(
                    "'Date' in the Expiration action for \(rule.filter.words) must be later than 'Date' in "
                        + "the Transition action", name: "Date", value: end.iso8601)
            case (.days, .date), (.date, .days): throw mixed(rule)
            default: continue
            }
        }
    }

    private static func checkNoncurrent(of rule: LifecycleRule) throws(AWSError) {
        let steps = rule.noncurrentTransitions.map { Step(.days($0.noncurrent.days), $0.storageClass) }
        try checkSteps(steps, "NoncurrentVersionTransition", "NoncurrentDays", rule)
        guard let end = rule.noncurrentExpiration?.days else { return }
        for transition in rule.noncurrentTransitions where end <= transition.noncurrent.days {
            throw .invalidArgument(
                "'NoncurrentDays' in the NoncurrentVersionExpiration action for \(rule.filter.words) must be "
                    + "greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
                name: "NoncurrentDays", value: String(end))
        }
    }

    /// One step down the waterfall of classes.
    private struct Step {
        var moment: LifecycleRule.Moment
        var storageClass: String

        init(_ moment: LifecycleRule.Moment, _ storageClass: String) {
            self.moment = moment
            self.storageClass = storageClass
        }

        var days: Int {
            switch moment {
            case .days(let days): days
            case .date(let date): Int(date.milliseconds / LifecycleTimes.day)
            }
        }

        var isDate: Bool { if case .date = moment { true } else { false } }
    }

    private static func checkSteps(
        _ steps: [Step], _ action: String, _ field: String, _ rule: LifecycleRule
    ) throws(AWSError) {
        for step in steps where !step.isDate && step.days < StorageClass.youngestDays(step.storageClass) {
            throw .invalidArgument(
                "'\(field)' in \(action) action must be greater than or equal to "
                    + "\(StorageClass.youngestDays(step.storageClass)) for storageClass "
                    + "'\(step.storageClass)'", name: field, value: String(step.days))
        }
        guard Set(steps.map(\.storageClass)).count == steps.count else {
            throw .invalidRequest(
                "'StorageClass' must be different for '\(action)' actions in same 'Rule' with "
                    + rule.filter.words)
        }
        if Set(steps.map(\.isDate)).count > 1 { throw mixed(rule) }
        let ordered = steps.sorted {
            StorageClass.rank($0.storageClass) < StorageClass.rank($1.storageClass)
        }
        for (warm, cold) in zip(ordered, ordered.dropFirst()) {
            let name = cold.isDate ? "Date" : field
            let start = "'\(name)' in the '\(action)' action for StorageClass '\(cold.storageClass)' for "
            let value = cold.isDate ? nil : String(cold.days)
            if cold.days <= warm.days {
                throw .invalidArgument(
                    start + "\(rule.filter.words) must be greater than '\(name)' in the '\(action)' action "
                        + "for StorageClass '\(warm.storageClass)' for \(rule.filter.words)",
                    name: name, value: value)
            }
            let stay = StorageClass.stayDays(warm.storageClass)
            if cold.days - warm.days < stay {
                throw .invalidArgument(
                    start + "\(rule.filter.words) must be \(stay) days more than '\(rule.filter.words)' in "
                        + "the '\(action)' action for StorageClass '\(warm.storageClass)'",
                    name: name, value: value)
            }
        }
    }

    private static func mixed(_ rule: LifecycleRule) -> AWSError {
        .invalidRequest(
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for "
                + rule.filter.words)
    }

    // MARK: - Rules of the older form

    /// They may not both act on the same object.
    private static func checkOverlap(_ rules: [LifecycleRule]) throws(AWSError) {
        let old = rules.filter { $0.filter.form == .rulePrefix }
        for (index, rule) in old.enumerated() {
            for other in old[..<index] {
                let (a, b) = (other.filter.prefix ?? "", rule.filter.prefix ?? "")
                guard a.hasPrefix(b) || b.hasPrefix(a),
                    let action = actions(of: rule).first(where: actions(of: other).contains)
                else { continue }
                throw .invalidRequest(
                    "Found overlapping prefixes '\(a)' and '\(b)' for same action type '\(action)'")
            }
        }
    }

    private static func actions(of rule: LifecycleRule) -> [String] {
        var names: [String] = []
        if rule.expiration != nil { names.append("Expiration") }
        if !rule.transitions.isEmpty { names.append("Transition") }
        if rule.noncurrentExpiration != nil { names.append("NoncurrentVersionExpiration") }
        if !rule.noncurrentTransitions.isEmpty { names.append("NoncurrentVersionTransition") }
        if rule.abortUploadsAfter != nil { names.append("AbortIncompleteMultipartUpload") }
        return names
    }
}
