import JSON
import Synchronization
import Testing

@testable import Gateway

@Suite struct LambdaAuthorizerTests {
    /// A function that gives the same answer, and counts.
    private final class Function: Sendable {
        let calls = Mutex(0)
        let seconds = Mutex<UInt64>(0)
        let outcome: FunctionOutcome

        init(_ answer: JSONValue) { outcome = .payload(answer.encoded()) }
        init(_ outcome: FunctionOutcome) { self.outcome = outcome }

        var count: Int { calls.withLock { $0 } }

        func pass(seconds passed: UInt64) { seconds.withLock { $0 += passed } }

        func authorizer(ttl: Int = 300, simple: Bool = true) -> LambdaAuthorizer {
            LambdaAuthorizer(
                .init(function: "f", ttlSeconds: ttl, acceptsSimple: simple),
                invoke: { _, _, _ in
                    self.calls.withLock { $0 += 1 }
                    return self.outcome
                }, now: { self.seconds.withLock { $0 } * 1_000_000_000 })
        }
    }

    private static let yes: JSONValue = ["isAuthorized": true]

    @Test func anAnswerIsKeptForItsLifetimeToTheSecond() async {
        let function = Function(Self.yes)
        let authorizer = function.authorizer(ttl: 10)
        for (passing, expected) in [(0, 1), (9, 1), (1, 2), (9, 2), (2, 3)] as [(UInt64, Int)] {
            function.pass(seconds: passing)
            _ = await authorizer.verdict(identity: "a", resource: "r") { [] }
            #expect(function.count == expected)
        }
    }

    @Test func withoutIdentityOrLifetimeNothingIsKept() async {
        let function = Function(Self.yes)
        let keeping = function.authorizer(ttl: 10)
        let forgetting = function.authorizer(ttl: 0)
        for _ in 0..<2 {
            _ = await keeping.verdict(identity: nil, resource: "r") { [] }
            _ = await forgetting.verdict(identity: "a", resource: "r") { [] }
        }
        #expect(function.count == 4)
    }

    @Test func anEventIsMadeOnlyWhenItIsNeeded() async {
        let authorizer = Function(Self.yes).authorizer()
        var made = 0
        for _ in 0..<3 {
            _ = await authorizer.verdict(identity: "a", resource: "r") {
                made += 1
                return []
            }
        }
        #expect(made == 1)
    }

    @Test func whatIsKeptCanBeForgotten() async {
        let function = Function(Self.yes)
        let authorizer = function.authorizer()
        _ = await authorizer.verdict(identity: "a", resource: "r") { [] }
        authorizer.forget()
        _ = await authorizer.verdict(identity: "a", resource: "r") { [] }
        #expect(function.count == 2)
    }

    @Test func aPolicyIsKeptAndHeldAgainstEachResource() async {
        let function = Function([
            "principalId": "me", "usageIdentifierKey": "key",
            "policyDocument": [
                "Statement": [["Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "a/*"]]
            ],
        ])
        let authorizer = function.authorizer()
        let caller = LambdaAuthorizer.Caller(principalID: "me", context: [:], usageIdentifierKey: "key")
        #expect(await authorizer.verdict(identity: "i", resource: "a/1") { [] } == .allowed(caller))
        #expect(await authorizer.verdict(identity: "i", resource: "b/1") { [] } == .denied(isExplicit: false))
        #expect(await authorizer.verdict(identity: "i", resource: "a/2") { [] } == .allowed(caller))
        #expect(function.count == 1)
    }

    @Test(
        arguments: [
            (.functionError(Array(#"{"errorMessage":"Unauthorized"}"#.utf8)), true),
            (.functionError(Array(#"{"errorMessage":"broken"}"#.utf8)), false), (.functionError([]), false),
            (.timedOut, false), (.throttled, false), (.notFound, false), (.payloadTooLarge, false),
            (.payload(Array("[]".utf8)), false), (.payload([]), false),
        ] as [(FunctionOutcome, Bool)])
    func failuresAreNotKept(_ outcome: FunctionOutcome, _ isUnauthorized: Bool) async {
        let function = Function(outcome)
        let authorizer = function.authorizer()
        for _ in 0..<2 {
            let verdict = await authorizer.verdict(identity: "a", resource: "r") { [] }
            switch verdict {
            case .unauthorized: #expect(isUnauthorized)
            case .failed(let reason): #expect(!isUnauthorized && !reason.isEmpty)
            default: Issue.record("passed")
            }
        }
        #expect(function.count == 2)
    }

    @Test func inventedIdentitiesDoNotFillTheMemory() async {
        let cache = AuthorizerCache<Int>()
        for number in 0..<25_000 {
            cache.keep(number, for: "\(number)", untilNanoseconds: 1_000, nowNanoseconds: 0)
        }
        let kept = (0..<25_000).filter { cache.answer(for: "\($0)", nowNanoseconds: 1) != nil }
        #expect(kept.count <= 10_000 && kept.last == 24_999)
    }
}
