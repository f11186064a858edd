import AWSProtocol
import Bytes
import Store

extension LambdaService {
    var intake: CodeIntake {
        CodeIntake(store: catalogue.store, folders: codeFolders, source: neighbours.code)
    }

    /// Takes a zip, if there is room for it among all code.
    func takeCode(_ wish: CodeIntake.Wish) async throws(AWSError) -> CodeIntake.Taken {
        let taken = try await intake.take(wish)
        guard catalogue.totalCodeSize + taken.code.size <= CodeLimits.account else {
            discard(taken)
            throw AWSError(
                code: "CodeStorageExceededException", status: 400, message: "Code storage limit exceeded.",
                members: ["Type": "User"])
        }
        return taken
    }

    /// For a zip that nothing will refer to after all.
    func discard(_ taken: CodeIntake.Taken) {
        taken.store.blobs.discard(taken.blob)
        sweepCodeSoon()
    }

    /// Runs what is to refer to a zip; the zip goes when that fails.
    func keeping<Value>(
        _ taken: CodeIntake.Taken, _ body: () async throws(AWSError) -> Value
    ) async throws(AWSError) -> Value {
        do throws(AWSError) {
            return try await body()
        } catch {
            discard(taken)
            throw error
        }
    }

    /// Layers of a function: at most five, of this account and region, each once, and all there.
    func checkLayers(_ arns: [String]) throws(AWSError) {
        guard arns.count <= CodeLimits.layers else {
            throw LambdaError.invalidParameter("Cannot reference more than 5 layers.")
        }
        var seen: [String: String] = [:]
        for arn in arns {
            guard let reference = LayerReference(arn) else { continue }
            if reference.accountID != configuration.accountID {
                throw AWSError(
                    code: "AccessDeniedException", status: 403,
                    message:
                        "User: arn:aws:iam::\(configuration.accountID):root is not authorized to perform: "
                        + "lambda:GetLayerVersion on resource: \(arn) because no resource-based policy allows the "
                        + "lambda:GetLayerVersion action")
            }
            guard reference.region == configuration.region else {
                throw LambdaError.invalidParameter(
                    "Layers are not in the same region as the function. Layers are expected to be in region "
                        + "\(configuration.region).")
            }
            guard let key = LayerVersionKey(arn: arn), catalogue.usableLayer(key) != nil else {
                throw LambdaError.invalidParameter("Layer version \(arn) does not exist.")
            }
            if let other = seen[reference.name] {
                throw LambdaError.invalidParameter(
                    "Two different versions of the same layer are not allowed to be referenced in the same "
                        + "function. \(other) and \(arn) are versions of the same layer.")
            }
            seen[reference.name] = arn
        }
    }

    /// A function's code and layers together stay below what may be unpacked.
    func checkUnzipped(_ code: CodeRecord, layers: [String]) throws(AWSError) {
        let sum = layers.reduce(code.unzippedSize) { $0 + (layerVersion($1)?.code.unzippedSize ?? 0) }
        guard sum < CodeLimits.unzipped else {
            throw LambdaError.invalidParameter(
                "Function code combined with layers exceeds the maximum allowed size of \(CodeLimits.unzipped) "
                    + "bytes. The actual size is \(sum) bytes.")
        }
    }
}
