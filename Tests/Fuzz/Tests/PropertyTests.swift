import Foundation
import FuzzProperties
import Seeded
import Testing

/// The properties that `make fuzz` looks for exceptions from: on what it once kept, and on random input.
@Suite struct PropertyTests {
    typealias Property = @Sendable ([UInt8]) throws(PropertyFailure) -> Void

    static let properties: [(name: String, check: Property)] = [
        ("FuzzExpressions", { bytes throws(PropertyFailure) in try ExpressionProperties.check(bytes) }),
        ("FuzzNumbers", { bytes throws(PropertyFailure) in try NumberProperties.check(bytes) }),
        ("FuzzJSON", { bytes throws(PropertyFailure) in try JSONProperties.check(bytes) }),
        ("FuzzKeys", { bytes throws(PropertyFailure) in try KeyProperties.check(bytes) }),
        ("FuzzXML", { bytes throws(PropertyFailure) in try XMLProperties.check(bytes) }),
        ("FuzzChunks", { bytes throws(PropertyFailure) in try ChunkProperties.check(bytes) }),
        ("FuzzForms", { bytes throws(PropertyFailure) in try FormProperties.check(bytes) }),
        ("FuzzRequests", { bytes throws(PropertyFailure) in try RequestProperties.check(bytes) }),
        ("FuzzObjectKeys", { bytes throws(PropertyFailure) in try ObjectKeyProperties.check(bytes) }),
        ("FuzzZips", { bytes throws(PropertyFailure) in try ZipProperties.check(bytes) }),
        ("FuzzFrames", { bytes throws(PropertyFailure) in try FrameProperties.check(bytes) }),
    ]

    private static let corpus = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Corpus")

    private func failure(_ index: Int, _ bytes: [UInt8]) -> String? {
        do throws(PropertyFailure) {
            try Self.properties[index].check(bytes)
            return nil
        } catch {
            return "\(Self.properties[index].name): \(error)"
        }
    }

    @Test(arguments: 0..<11) func theKeptCorpus(_ index: Int) throws {
        let folder = Self.corpus.appendingPathComponent(Self.properties[index].name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let problem = failure(index, [UInt8](try Data(contentsOf: file)))
            #expect(problem == nil, "\(file.lastPathComponent)")
        }
    }

    /// Pieces of kept inputs, shuffled: random bytes alone would seldom be accepted.
    @Test(arguments: 0..<11) func randomPiecesOfTheCorpus(_ index: Int) throws {
        let folder = Self.corpus.appendingPathComponent(Self.properties[index].name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
        let inputs = try files.map { [UInt8](try Data(contentsOf: $0)) }
        var random = SeededRandom.fresh("randomPiecesOfTheCorpus \(Self.properties[index].name)")
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                guard let input = inputs.randomElement(using: &random), !input.isEmpty else { continue }
                let start = Int.random(in: 0..<input.count, using: &random)
                bytes += input[start..<Int.random(in: start...input.count, using: &random)]
            }
            if let position = bytes.indices.randomElement(using: &random) {
                bytes[position] = UInt8.random(in: .min ... .max, using: &random)
            }
            let problem = failure(index, bytes)
            #expect(problem == nil, "\(bytes)")
            if problem != nil { return }
        }
    }

    @Test func randomItemsAndKeys() {
        var random = SeededRandom.fresh("randomItemsAndKeys")
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 1..<200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let problem = failure(3, bytes)
            #expect(problem == nil, "\(bytes)")
            if problem != nil { return }
        }
    }

    @Test func randomNumbers() {
        var random = SeededRandom.fresh("randomNumbers")
        func number() -> String {
            let digits = (0..<Int.random(in: 1...38, using: &random)).map { _ in
                String("0001234567899".randomElement(using: &random) ?? "0")
            }
            let point = Int.random(in: 0...digits.count, using: &random)
            let sign = ["", "-", "+"].randomElement(using: &random) ?? ""
            let exponent = Int.random(in: -131...126, using: &random)
            return sign + digits[..<point].joined() + "." + digits[point...].joined() + "e\(exponent)"
        }
        for _ in 0..<5_000 {
            let text = number() + "\n" + number()
            let problem = failure(1, Array(text.utf8))
            #expect(problem == nil, "\(text)")
            if problem != nil { return }
        }
    }
}
