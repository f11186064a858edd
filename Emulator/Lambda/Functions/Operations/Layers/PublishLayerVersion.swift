import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// POST /2018-10-31/layers/{LayerName}/versions
enum PublishLayerVersion {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let settings = try settings(document, &checks)
        let content = try document.structure("Content")
        if content == nil { checks.missing("content") }
        let source = try content.map { reader throws(AWSError) in
            try CodeInput(reader, at: "content.", &checks)
        }
        let target = try LayerTarget(request, checks: checks)
        guard let wish = source?.wish else {
            throw LambdaError.invalidParameter("Please provide a source for the layer's content.")
        }
        let taken = try await service.takeCode(wish)
        return try await service.keeping(taken) { () async throws(AWSError) in
            let key = FunctionCatalogue.layerLock(target.name)
            await service.catalogue.lock(key)
            defer { service.catalogue.unlock(key) }
            let old = service.catalogue.layers[target.name]
            var layer = old ?? LayerRecord(name: target.name)
            layer.lastVersion += 1
            let version = LayerVersionRecord(
                number: layer.lastVersion, settings: settings, code: taken.code, created: request.context.now,
                revision: UUID4.make())
            layer.versions[version.number] = version
            try await service.catalogue.put(layer, instead: old, adopting: taken)
            return request.answer(service.fullLayerJSON(target.name, version, request), status: 201)
        }
    }

    private static func settings(
        _ document: DocumentReader, _ checks: inout ShapeChecks
    ) throws(AWSError) -> JSONObject {
        var settings = JSONObject()
        let description = try document.string("Description") ?? ""
        checks.length(description, at: "description", in: 0...256)
        settings["Description"] = .string(description)
        if let license = try document.string("LicenseInfo") {
            checks.length(license, at: "licenseInfo", in: 0...512)
            settings["LicenseInfo"] = .string(license)
        }
        if let runtimes = try document.strings("CompatibleRuntimes") {
            let shown = "[\(runtimes.joined(separator: ", "))]"
            if runtimes.count > 15 {
                checks.fault(shown, at: "compatibleRuntimes", "have length less than or equal to 15")
            }
            if !runtimes.allSatisfy(Runtimes.isKnown) {
                checks.fault(
                    shown, at: "compatibleRuntimes",
                    "satisfy constraint: [Member must satisfy enum value set: \(Runtimes.valueSet)]")
            }
            settings["CompatibleRuntimes"] = .array(runtimes.map { .string($0) })
        }
        if let architectures = try document.strings("CompatibleArchitectures") {
            let shown = "[\(architectures.joined(separator: ", "))]"
            if architectures.count > 2 {
                checks.fault(shown, at: "compatibleArchitectures", "have length less than or equal to 2")
            }
            if !architectures.allSatisfy({ ["x86_64", "arm64"].contains($0) }) {
                checks.fault(
                    shown, at: "compatibleArchitectures",
                    "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]")
            }
            settings["CompatibleArchitectures"] = .array(architectures.map { .string($0) })
        }
        return settings
    }
}
