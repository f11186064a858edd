import Foundation
import Seeded
import Store
import Testing

/// Random commits against a dictionary, with failing bodies, reads inside the batch, and reopening.
@Suite struct ModelTests {
    private struct Refused: Error {}

    private enum Step: Sendable {
        case put([UInt8], [UInt8])
        case delete([UInt8])
        case deleteRange([UInt8], [UInt8]?)
        case get([UInt8])
        case scan([UInt8], [UInt8]?, reverse: Bool, limit: Int)
    }

    private struct Pair: Equatable, Sendable {
        let key: [UInt8]
        let value: [UInt8]
    }

    private typealias Model = [[UInt8]: [UInt8]]

    @Test func behavesAsASortedDictionary() async throws {
        var generator = SeededRandom.fresh("ModelTests")
        let folder = TemporaryFolder()
        var store = try Store.open(at: folder.store)
        var model: Model = [:]

        for round in 0..<60 {
            let plans = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                (steps: randomSteps(&generator), fails: Int.random(in: 0..<4, using: &generator) == 0)
            }
            var expected: [[[Pair]]?] = []
            for plan in plans {
                var changed = model
                let seen = plan.steps.map { Self.apply($0, to: &changed) }
                if !plan.fails { model = changed }
                expected.append(plan.fails ? nil : seen)
            }
            let found = try await run(plans, on: store)
            #expect(found == expected, "seed \(generator.seed), round \(round)")
            if found != expected { return }
            if round % 7 == 0 {
                store.close()
                store = try Store.open(at: folder.store)
            }
            for reverse in [false, true] {
                var all: [Pair] = []
                try store.read { snapshot in
                    try snapshot.scan(.items, from: [], to: nil, reverse: reverse) { key, value in
                        all.append(Pair(key: key, value: value))
                        return true
                    }
                }
                #expect(all == Self.slice(model, [], nil, reverse), "seed \(generator.seed), round \(round)")
            }
        }
        try expectSound(store)
    }

    /// All commits are queued at once and in order, so that several share a batch.
    private func run(
        _ plans: [(steps: [Step], fails: Bool)], on store: Store
    ) async throws -> [[[Pair]]?] {
        let gate = DispatchSemaphore(value: 0)
        async let blocker: Void = store.commit { _ in gate.wait() }
        var tasks: [Task<[[Pair]]?, any Error>] = []
        for plan in plans {
            tasks.append(
                Task.immediate {
                    do {
                        return try await store.commit { transaction -> [[Pair]] in
                            let seen = try plan.steps.map { try Self.apply($0, to: transaction) }
                            if plan.fails { throw Refused() }
                            return seen
                        }
                    } catch is Refused {
                        return nil
                    }
                })
        }
        gate.signal()
        try await blocker
        var results: [[[Pair]]?] = []
        for task in tasks { results.append(try await task.value) }
        return results
    }

    /// Half of the keys lie in one of three groups, which filters know: the same twelve bytes first.
    private func randomKey(_ generator: inout SeededRandom) -> [UInt8] {
        let key: [UInt8] = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            [0, 1, 97, 98, 254, 255][Int.random(in: 0..<6, using: &generator)]
        }
        guard Bool.random(using: &generator) else { return key }
        return [UInt8](repeating: 97, count: 11) + [UInt8.random(in: 97...99, using: &generator)] + key
    }

    private func randomSteps(_ generator: inout SeededRandom) -> [Step] {
        (0..<Int.random(in: 1...12, using: &generator)).map { _ in
            let key = randomKey(&generator)
            let end = Bool.random(using: &generator) ? randomKey(&generator) : nil
            switch Int.random(in: 0..<12, using: &generator) {
            case 0...4: return .put(key, (0..<Int.random(in: 0...40, using: &generator)).map { UInt8($0) })
            case 5, 6: return .delete(key)
            case 7:
                return Int.random(in: 0..<3, using: &generator) == 0 ? .deleteRange(key, end) : .delete(key)
            case 8, 9: return .get(key)
            default:
                return .scan(
                    key, end, reverse: Bool.random(using: &generator),
                    limit: Int.random(in: 1...30, using: &generator))
            }
        }
    }

    private static func slice(
        _ model: Model, _ from: [UInt8], _ to: [UInt8]?, _ reverse: Bool
    ) -> [Pair] {
        let pairs =
            model.filter { entry in
                !entry.key.lexicographicallyPrecedes(from)
                    && (to.map { entry.key.lexicographicallyPrecedes($0) } ?? true)
            }
            .map { Pair(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return reverse ? pairs.reversed() : pairs
    }

    private static func apply(_ step: Step, to model: inout Model) -> [Pair] {
        switch step {
        case .put(let key, let value): model[key] = value
        case .delete(let key): model[key] = nil
        case .deleteRange(let from, let to):
            for pair in slice(model, from, to, false) { model[pair.key] = nil }
        case .get(let key): return model[key].map { [Pair(key: key, value: $0)] } ?? []
        case .scan(let from, let to, let reverse, let limit):
            return Array(slice(model, from, to, reverse).prefix(limit))
        }
        return []
    }

    private static func apply(_ step: Step, to transaction: Transaction) throws -> [Pair] {
        var pairs: [Pair] = []
        switch step {
        case .put(let key, let value): transaction.put(.items, key, value)
        case .delete(let key): transaction.delete(.items, key)
        case .deleteRange(let from, let to): try transaction.deleteRange(.items, from: from, to: to)
        case .get(let key):
            if let value = try transaction.get(.items, key) { pairs = [Pair(key: key, value: value)] }
        case .scan(let from, let to, let reverse, let limit):
            try transaction.scan(.items, from: from, to: to, reverse: reverse) { key, value in
                pairs.append(Pair(key: key, value: value))
                return pairs.count < limit
            }
        }
        return pairs
    }
}
