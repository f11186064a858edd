import Bytes
import Net

/// One call of the `aws` command line, which knows the user's profiles and credentials.
struct AWSCommandLine {
    let arguments: [String]

    init(_ arguments: [String]) { self.arguments = arguments }

    /// As a shell takes it.
    var text: String { (["aws"] + arguments).map(Self.quoted).joined(separator: " ") }

    /// Without what a shell would take for something else. `$(...)` is meant to be carried out.
    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_./:=@,+".utf8.contains(byte)
        }
        if plain, !word.isEmpty { return word }
        if word.contains("$(") { return "\"\(word)\"" }
        return "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// Runs it to its end.
    /// - Parameters:
    ///   - code: what a failure ends the emulator's command with.
    ///   - isAbsence: whether the words of a failure say that the thing asked for does not exist, and not that nobody
    ///     could be asked: expired credentials and a missing network are no answer.
    /// - Returns: what it printed; nil when there is no such thing.
    /// - Throws: a failure with the command's own words.
    @EventLoop
    @discardableResult
    func run(
        failing code: ExitCode = .failure, unless isAbsence: @Sendable (String) -> Bool = { _ in false }
    ) async throws -> [UInt8]? {
        let options = ChildProcess.Options(
            executable: "/usr/bin/env", arguments: ["aws"] + arguments,
            environment: ProcessFacts.environment().map { "\($0.key)=\($0.value)" })
        let result = try await ChildProcess.run(
            options, timeoutMilliseconds: 7_200_000, maxOutputBytes: 16 << 20)
        if result.status.code == 0, result.status.signal == 0 { return result.output }
        if result.status.code == 127 {
            throw CommandFailure(
                .missingInput,
                "There is no 'aws' on the PATH; install the AWS CLI (https://aws.amazon.com/cli).")
        }
        if result.status.signal == 0, isAbsence(String(utf8: result.errors)) { return nil }
        Terminal.rawNote(result.output + result.errors)
        throw CommandFailure(code, "'\(text)' failed; its words are above.")
    }
}
