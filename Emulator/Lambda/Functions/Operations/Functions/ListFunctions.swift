import AWSProtocol
import HTTPTypes
import JSON
import Net

/// GET /2015-03-31/functions
enum ListFunctions {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var checks = ShapeChecks()
        let which = request.query("FunctionVersion")
        if let which { checks.choice(which, at: "functionVersion", of: ["ALL"]) }
        let paging = try Paging(request, checks)
        var places: [(place: String, item: (name: String, version: String))] = []
        for name in Set(service.declared.keys).union(service.catalogue.functions.keys).sorted() {
            guard let record = try? service.record(name) else { continue }
            places.append((name, (name, VersionRecord.latest)))
            guard which != nil else { continue }
            for number in record.versions.keys.sorted() {
                // Before whatever a name goes on with.
                places.append((name + "!" + VersionPlace.text(number), (name, "\(number)")))
            }
        }
        let (page, next) = paging.page(places)
        var functions: [JSONValue] = []
        for (name, version) in page {
            guard let record = try? service.record(name) else { continue }
            let qualifier = which == nil ? nil : version
            functions.append(
                .object(
                    try await service.configurationJSON(
                        record, version: version, qualifier: qualifier, .listed)))
        }
        var answer: JSONObject = ["Functions": .array(functions)]
        if let next { answer.append("NextMarker", .string(next)) }
        return request.answer(answer)
    }
}

/// Numbers of versions in an order that texts have as well.
enum VersionPlace {
    static func text(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}
