import Bytes
import Gateway
import HTTPTypes
import JSON
import Net

/// The functions that do not build at present. Their routes answer with the compiler's errors: a stale answer
/// would make people search for a mistake that they have mended.
@EventLoop
final class BrokenBuilds {
    private var outputs: [String: CompilerOutput] = [:]
    private let routes: RouteTable?
    private let cors: CORSConfiguration?

    /// - Parameter cors: of the gateway, which puts the same headers on all other answers.
    nonisolated init(routes: [HTTPAPIRoute], cors: CORSConfiguration?) {
        self.routes = try? RouteTable(routes: routes)
        self.cors = cors
    }

    subscript(function: String) -> CompilerOutput? {
        get { outputs[function] }
        set { outputs[function] = newValue }
    }

    /// Whether some function has failed in these words.
    func contains(_ output: CompilerOutput) -> Bool { outputs.values.contains(output) }

    /// nil when the request's function builds, or when the request is no function's.
    func response(to request: HTTPRequest) -> HTTPResponse? {
        guard !outputs.isEmpty, !isPreflight(request),
            let function = routes?.match(method: request.method, path: request.path)?.route.function,
            let output = outputs[function]
        else { return nil }
        let wantsPage = request.headers["accept"]?.contains("text/html") ?? false
        var headers: HTTPHeaders = [
            "content-type": wantsPage ? "text/html; charset=utf-8" : "application/json",
            "cache-control": "no-store",
        ]
        // A page that may call the API shall be able to show the reason.
        cors?.apply(origin: request.headers["origin"], to: &headers)
        let body = wantsPage ? Self.page(function, output).bytes : Self.document(function, output).encoded()
        return HTTPResponse(status: 502, headers: headers, body: .bytes(body))
    }

    private func isPreflight(_ request: HTTPRequest) -> Bool {
        request.method == "OPTIONS" && request.headers.contains("access-control-request-method")
    }

    private static func document(_ function: String, _ output: CompilerOutput) -> JSONValue {
        [
            "message": .string("The function '\(function)' does not build."), "function": .string(function),
            "errors": output.json, "output": .string(output.text),
        ]
    }

    private static func page(_ function: String, _ output: CompilerOutput) -> String {
        let errors = output.errors.map { error in
            "<li><b>\(escaped(error.text))</b><br><code>\(escaped(error.file)):\(error.line):\(error.column)</code></li>"
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
            <title>\(escaped(function)) does not build</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 3em auto; max-width: 60em; padding: 0 1em; }
            pre { background: #1e1e1e; color: #ddd; padding: 1em; overflow: auto; border-radius: 6px; }
            b { color: #b00020; }
            </style></head>
            <body><h1>\(escaped(function)) does not build</h1>
            <ul>\(errors.joined(separator: "\n"))</ul>
            <pre>\(escaped(output.text))</pre>
            <p>This page asks again every two seconds, until the function builds.</p>
            </body></html>
            """
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
