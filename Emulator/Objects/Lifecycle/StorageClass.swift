/// What lifecycle rules and restores have to know of storage classes (Amazon S3 User Guide, "Transitioning objects
/// using Amazon S3 Lifecycle").
enum StorageClass {
    /// Objects only ever move down this list.
    private static let waterfall = [
        "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
    ]
    private static let archives: Set<String> = ["GLACIER", "DEEP_ARCHIVE"]
    /// Classes that objects start in; no rule leads there.
    static let starts: Set<String> = ["STANDARD", "REDUCED_REDUNDANCY"]
    /// An object has to be this old, in days, before it may move there.
    private static let youngest = ["STANDARD_IA": 30, "ONEZONE_IA": 30]
    /// Days that an object stays in a class before a rule may move it on.
    private static let stays = [
        "STANDARD_IA": 30, "ONEZONE_IA": 30, "GLACIER_IR": 90, "GLACIER": 90,
    ]

    static func isTarget(_ name: String) -> Bool { waterfall.contains(name) }

    /// The place in the waterfall; -1 for the classes that objects start in.
    static func rank(_ name: String) -> Int { waterfall.firstIndex(of: name) ?? -1 }

    /// Whether reading needs a restore first.
    static func isArchive(_ name: String) -> Bool { archives.contains(name) }

    static func youngestDays(_ name: String) -> Int { youngest[name] ?? 0 }

    static func stayDays(_ name: String) -> Int { stays[name] ?? 0 }
}
