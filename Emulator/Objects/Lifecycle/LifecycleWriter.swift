import AWSProtocol
import Clock

/// Rules as clients read them: in the form in which they were written.
extension LifecycleRule {
    func write(to xml: inout XMLWriter) {
        xml.element("Rule") { xml in
            xml.text("ID", id)
            filter.write(to: &xml)
            xml.text("Status", isEnabled ? "Enabled" : "Disabled")
            for transition in transitions {
                xml.element("Transition") { xml in
                    transition.moment.write(to: &xml)
                    xml.text("StorageClass", transition.storageClass)
                }
            }
            if let expiration {
                xml.element("Expiration") { xml in
                    switch expiration {
                    case .at(let moment): moment.write(to: &xml)
                    case .expiredMarkers(let isOn): xml.text("ExpiredObjectDeleteMarker", isOn)
                    }
                }
            }
            for transition in noncurrentTransitions {
                xml.element("NoncurrentVersionTransition") { xml in
                    transition.noncurrent.write(to: &xml)
                    xml.text("StorageClass", transition.storageClass)
                }
            }
            if let noncurrentExpiration {
                xml.element("NoncurrentVersionExpiration") { noncurrentExpiration.write(to: &$0) }
            }
            if let abortUploadsAfter {
                xml.element("AbortIncompleteMultipartUpload") {
                    $0.text("DaysAfterInitiation", abortUploadsAfter)
                }
            }
        }
    }
}

extension LifecycleRule.Moment {
    fileprivate func write(to xml: inout XMLWriter) {
        switch self {
        case .days(let days): xml.text("Days", days)
        case .date(let date): xml.text("Date", ListingText.time(date))
        }
    }
}

extension LifecycleRule.Noncurrent {
    fileprivate func write(to xml: inout XMLWriter) {
        xml.text("NoncurrentDays", days)
        if let kept { xml.text("NewerNoncurrentVersions", kept) }
    }
}

extension LifecycleFilter {
    fileprivate func write(to xml: inout XMLWriter) {
        switch form {
        case .rulePrefix: xml.text("Prefix", prefix ?? "")
        case .empty: xml.element("Filter")
        case .prefix, .tag, .greaterThan, .lessThan: xml.element("Filter") { writeParts(to: &$0) }
        case .and: xml.element("Filter") { xml in xml.element("And") { writeParts(to: &$0) } }
        }
    }

    private func writeParts(to xml: inout XMLWriter) {
        if let prefix { xml.text("Prefix", prefix) }
        for tag in tags {
            xml.element("Tag") { xml in
                xml.text("Key", tag.key)
                xml.text("Value", tag.value)
            }
        }
        if let greaterThan { xml.text("ObjectSizeGreaterThan", greaterThan) }
        if let lessThan { xml.text("ObjectSizeLessThan", lessThan) }
    }
}
