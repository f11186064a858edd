import AWSProtocol
import Bytes
import Clock

/// Reads a lifecycle configuration. Whatever does not fit S3's schema is MalformedXML; a number that makes no sense
/// is refused by name.
enum LifecycleReader {
    private static let maxRules = 1000

    static func read(_ document: [UInt8]) throws(AWSError) -> [LifecycleRule] {
        guard let root = try? XMLReader.parse(document), root.name == "LifecycleConfiguration",
            root.has(only: ["Rule"]), (1...maxRules).contains(root.children.count)
        else { throw .malformedXML }
        var rules: [LifecycleRule] = []
        for element in root.children { rules.append(try rule(element)) }
        return rules
    }

    private static func rule(_ xml: XMLElement) throws(AWSError) -> LifecycleRule {
        let once = [
            "ID", "Prefix", "Filter", "Status", "Expiration", "NoncurrentVersionExpiration",
            "AbortIncompleteMultipartUpload",
        ]
        guard xml.has(only: once + ["Transition", "NoncurrentVersionTransition"]), xml.has(each: once, 1),
            let status = xml["Status"], ["Enabled", "Disabled"].contains(status)
        else { throw .malformedXML }
        let id = xml["ID"].flatMap { $0.isEmpty ? nil : $0 } ?? Base64.encode(UUID4.make().bytes)
        var rule = LifecycleRule(id: id, isEnabled: status == "Enabled", filter: try filter(of: xml))
        rule.expiration = try xml.child("Expiration").map(expiration)
        for element in xml.all("Transition") { rule.transitions.append(try transition(element)) }
        rule.noncurrentExpiration = try xml.child("NoncurrentVersionExpiration").map {
            element throws(AWSError) in
            guard element.has(only: ["NoncurrentDays", "NewerNoncurrentVersions"]) else {
                throw .malformedXML
            }
            return try noncurrent(element, "NoncurrentVersionExpiration", isExpiration: true)
        }
        for element in xml.all("NoncurrentVersionTransition") {
            rule.noncurrentTransitions.append(try noncurrentTransition(element))
        }
        if let abort = xml.child("AbortIncompleteMultipartUpload") {
            guard abort.has(only: ["DaysAfterInitiation"]) else { throw .malformedXML }
            rule.abortUploadsAfter = try positive(
                abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload")
        }
        return rule
    }

    // MARK: - Filters

    private static func filter(of rule: XMLElement) throws(AWSError) -> LifecycleFilter {
        switch (rule.child("Filter"), rule.child("Prefix")) {
        case (nil, let prefix?): return LifecycleFilter(form: .rulePrefix, prefix: prefix.text)
        case (let filter?, nil): return try filterElement(filter)
        default: throw .malformedXML
        }
    }

    private static func filterElement(_ xml: XMLElement) throws(AWSError) -> LifecycleFilter {
        guard xml.children.count <= 1 else { throw .malformedXML }
        guard let part = xml.children.first else { return LifecycleFilter(form: .empty) }
        let form: LifecycleFilter.Form
        switch part.name {
        case "Prefix": form = .prefix
        case "Tag": form = .tag
        case "ObjectSizeGreaterThan": form = .greaterThan
        case "ObjectSizeLessThan": form = .lessThan
        case "And":
            guard part.children.count >= 2,
                part.has(each: ["Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"], 1)
            else { throw .malformedXML }
            return try parts(part.children, form: .and)
        default: throw .malformedXML
        }
        return try parts([part], form: form)
    }

    private static func parts(
        _ elements: [XMLElement], form: LifecycleFilter.Form
    ) throws(AWSError) -> LifecycleFilter {
        var filter = LifecycleFilter(form: form)
        for element in elements {
            switch element.name {
            case "Prefix": filter.prefix = element.text
            case "Tag":
                guard element.children.count == 2, let key = element["Key"], let value = element["Value"]
                else { throw .malformedXML }
                filter.tags.append(Tag(key: key, value: value))
            case "ObjectSizeGreaterThan": filter.greaterThan = try integer(element.text)
            case "ObjectSizeLessThan": filter.lessThan = try integer(element.text)
            default: throw .malformedXML
            }
        }
        return filter
    }

    // MARK: - Actions

    private static func expiration(_ xml: XMLElement) throws(AWSError) -> LifecycleRule.Expiration {
        guard xml.children.count == 1, let child = xml.children.first else { throw .malformedXML }
        switch child.name {
        case "Days": return .at(.days(try positive(xml, "Days", "Expiration")))
        case "Date": return .at(.date(try date(child.text)))
        case "ExpiredObjectDeleteMarker":
            guard ["true", "false"].contains(child.text) else { throw .malformedXML }
            return .expiredMarkers(child.text == "true")
        default: throw .malformedXML
        }
    }

    private static func transition(_ xml: XMLElement) throws(AWSError) -> LifecycleRule.Transition {
        guard xml.has(only: ["Days", "Date", "StorageClass"]), xml.children.count == 2 else {
            throw .malformedXML
        }
        let storageClass = try storageClass(xml, "Transition")
        if let text = xml["Date"] {
            return LifecycleRule.Transition(moment: .date(try date(text)), storageClass: storageClass)
        }
        let days = try nonnegative(xml, "Days", "Transition")
        return LifecycleRule.Transition(moment: .days(days), storageClass: storageClass)
    }

    private static func noncurrentTransition(
        _ xml: XMLElement
    ) throws(AWSError) -> LifecycleRule.NoncurrentTransition {
        guard xml.has(only: ["NoncurrentDays", "NewerNoncurrentVersions", "StorageClass"]) else {
            throw .malformedXML
        }
        let storageClass = try storageClass(xml, "NoncurrentVersionTransition")
        return LifecycleRule.NoncurrentTransition(
            noncurrent: try noncurrent(xml, "NoncurrentVersionTransition", isExpiration: false),
            storageClass: storageClass)
    }

    /// Amazon S3 User Guide, "Lifecycle configuration elements".
    private static let mostKept = 100

    private static func noncurrent(
        _ xml: XMLElement, _ action: String, isExpiration: Bool
    ) throws(AWSError) -> LifecycleRule.Noncurrent {
        let days =
            isExpiration
            ? try positive(xml, "NoncurrentDays", action) : try nonnegative(xml, "NoncurrentDays", action)
        guard xml.child("NewerNoncurrentVersions") != nil else {
            return LifecycleRule.Noncurrent(days: days, kept: nil)
        }
        let kept = try positive(xml, "NewerNoncurrentVersions", action)
        guard kept <= mostKept else {
            throw .invalidArgument(
                "'NewerNoncurrentVersions' for \(action) action must be at most \(mostKept)",
                name: "NewerNoncurrentVersions", value: String(kept))
        }
        return LifecycleRule.Noncurrent(days: days, kept: kept)
    }

    private static func storageClass(_ xml: XMLElement, _ action: String) throws(AWSError) -> String {
        guard let name = xml["StorageClass"] else { throw .malformedXML }
        if StorageClass.starts.contains(name) {
            throw .invalidArgument(
                "Invalid target Storage class for \(action) action", name: "StorageClass", value: name)
        }
        guard StorageClass.isTarget(name) else { throw .malformedXML }
        return name
    }

    // MARK: - Values

    private static func integer(_ text: String) throws(AWSError) -> Int64 {
        guard let number = Int64(text) else { throw .malformedXML }
        return number
    }

    private static func days(_ xml: XMLElement, _ name: String) throws(AWSError) -> Int {
        guard let text = xml[name] else { throw .malformedXML }
        guard let number = Int32(text) else { throw .malformedXML }
        return Int(number)
    }

    private static func positive(
        _ xml: XMLElement, _ name: String, _ action: String
    ) throws(AWSError) -> Int {
        let number = try days(xml, name)
        guard number > 0 else {
            throw .invalidArgument(
                "'\(name)' for \(action) action must be a positive integer", name: name,
                value: String(number))
        }
        return number
    }

    private static func nonnegative(
        _ xml: XMLElement, _ name: String, _ action: String
    ) throws(AWSError) -> Int {
        let number = try days(xml, name)
        guard number >= 0 else {
            throw .invalidArgument(
                "'\(name)' in \(action) action must be nonnegative", name: name, value: String(number))
        }
        return number
    }

    /// A day, or a time at which a day begins.
    private static func date(_ text: String) throws(AWSError) -> Timestamp {
        let full = text.utf8.count == 10 ? text + "T00:00:00Z" : text
        let zoned = full.hasSuffix("+00:00") ? String(full.dropLast(6)) + "Z" : full
        guard let date = Timestamp(iso8601: zoned) else { throw .malformedXML }
        guard LifecycleTimes.isMidnight(date) else {
            throw .invalidArgument("'Date' must be at midnight GMT", name: "Date", value: text)
        }
        return date
    }
}

extension XMLElement {
    /// Whether all children have one of these names.
    func has(only names: [String]) -> Bool { children.allSatisfy { names.contains($0.name) } }

    /// Whether none of these children comes more often than `count` times.
    func has(each names: [String], _ count: Int) -> Bool { names.allSatisfy { all($0).count <= count } }
}
