import JSON

/// What a template may look at.
public struct TemplateScope: Sendable {
    /// `$input.body`, and the document of `$input.path` and `$input.json`.
    public var body: String
    /// `$input.params()`: `path`, `querystring`, `header`.
    public var parameters: JSONObject
    public var context: JSONObject
    public var stageVariables: JSONObject

    public init(
        body: String = "", parameters: JSONObject = [:], context: JSONObject = [:],
        stageVariables: JSONObject = [:]
    ) {
        self.body = body
        self.parameters = parameters
        self.context = context
        self.stageVariables = stageVariables
    }
}

extension Template {
    /// What a template has made: its text, and `$context` with what it has set there.
    public struct Output: Sendable {
        public let text: String
        public let context: JSONObject
    }

    public func render(_ scope: TemplateScope) -> Output {
        var renderer = TemplateRenderer(scope)
        renderer.render(nodes)
        return Output(text: renderer.output, context: renderer.variables["context"]?.object ?? [:])
    }
}
