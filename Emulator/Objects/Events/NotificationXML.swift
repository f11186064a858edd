import AWSProtocol
import Bytes

/// The configuration as clients send and read it. The elements have S3's own, older names: SDKs translate.
extension NotificationConfiguration {
    /// - Throws: MalformedXML, InvalidArgument.
    init(_ document: [UInt8]) throws(AWSError) {
        guard let root = try? XMLReader.parse(document), root.name == "NotificationConfiguration" else {
            throw .malformedXML
        }
        self.init()
        for child in root.children {
            if child.name == "EventBridgeConfiguration" {
                tellsEventBridge = true
                continue
            }
            guard let destination = Destination.allCases.first(where: { $0.element == child.name }) else {
                throw .malformedXML
            }
            rules.append(try Rule(child, destination))
        }
    }

    func write(to xml: inout XMLWriter) {
        for rule in rules {
            xml.element(rule.destination.element) { xml in
                xml.text("Id", rule.id)
                xml.text(rule.destination.argument, rule.arn)
                for event in rule.events { xml.text("Event", event) }
                rule.writeFilter(to: &xml)
            }
        }
        if tellsEventBridge { xml.element("EventBridgeConfiguration") }
    }
}

extension NotificationConfiguration.Rule {
    /// Bytes of a filter's value (Amazon S3 API Reference, "PutBucketNotificationConfiguration").
    private static let longestFilter = 1024

    fileprivate init(
        _ xml: XMLElement, _ destination: NotificationConfiguration.Destination
    ) throws(AWSError) {
        guard let arn = xml[destination.argument], !arn.isEmpty else { throw .malformedXML }
        let events = xml.all("Event").map(\.text)
        guard !events.isEmpty else { throw .malformedXML }
        self.init(
            destination: destination, id: xml["Id"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.newID(),
            arn: arn, events: events)
        guard let key = xml.child("Filter")?.child("S3Key") else { return }
        for rule in key.all("FilterRule") { try read(rule) }
    }

    /// As S3 makes them: a UUID in base64.
    static func newID() -> String { Base64.encode(UUID4.make().bytes) }

    private mutating func read(_ rule: XMLElement) throws(AWSError) {
        guard let name = rule["Name"], let value = rule["Value"] else { throw .malformedXML }
        guard value.utf8.count <= Self.longestFilter else {
            throw .invalidArgument(
                "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
                name: "FilterRule.Value", value: value)
        }
        switch name.lowercased() {
        case "prefix":
            guard prefix == nil else { throw Self.repeated("prefix", value) }
            prefix = value
        case "suffix":
            guard suffix == nil else { throw Self.repeated("suffix", value) }
            suffix = value
        default:
            throw .invalidArgument(
                "filter rule name must be either prefix or suffix", name: "FilterRule.Name", value: name)
        }
    }

    private static func repeated(_ name: String, _ value: String) -> AWSError {
        .invalidArgument(
            "Cannot specify more than one \(name) rule in a filter.", name: "FilterRule.Name", value: name)
    }

    fileprivate func writeFilter(to xml: inout XMLWriter) {
        let filters = [("Prefix", prefix), ("Suffix", suffix)].compactMap { name, value in
            value.map { (name, $0) }
        }
        guard !filters.isEmpty else { return }
        xml.element("Filter") { xml in
            xml.element("S3Key") { xml in
                for (name, value) in filters {
                    xml.element("FilterRule") { xml in
                        xml.text("Name", name)
                        xml.text("Value", value)
                    }
                }
            }
        }
    }
}
