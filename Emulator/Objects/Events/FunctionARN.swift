/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`.
struct FunctionARN: Sendable, Equatable {
    var region: String
    var account: String
    var name: String
    var qualifier: String?

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (7...8).contains(parts.count), parts[0] == "arn", parts[1].hasPrefix("aws"),
            parts[2] == "lambda", parts[5] == "function", !parts[6].isEmpty
        else { return nil }
        region = parts[3]
        account = parts[4]
        name = parts[6]
        qualifier = parts.count == 8 ? parts[7] : nil
    }

    /// Whether it names a function of this account that can be called: only `$LATEST` exists of each.
    func isCallable(_ configuration: ObjectsService.Configuration, _ functions: EventQueue) -> Bool {
        region == configuration.region && account == configuration.accountID
            && (qualifier == nil || qualifier == "$LATEST") && functions.exists(name)
    }
}
