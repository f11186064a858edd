import Testing

@testable import Lambda

@Suite struct PlatformErrorTests {
    static let table: [(PlatformError, String)] = [
        (
            .timedOut(afterMilliseconds: 3000),
            #"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 3.00 seconds"}"#
        ),
        (
            .timedOut(afterMilliseconds: 1255),
            #"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 1.25 seconds"}"#
        ),
        (
            .exited(code: 0, signal: 0),
            #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited without providing a reason"}"#
        ),
        (
            .exited(code: 127, signal: 0),
            #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 127"}"#
        ),
        (
            .exited(code: 0, signal: 9),
            #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed"}"#
        ),
        (
            .exited(code: 0, signal: 11),
            #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: signal: segmentation fault"}"#
        ),
        (
            .noBootstrap,
            #"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: ID Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}"#
        ),
        (
            .notExecutable("permission denied"),
            #"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: ID Error: fork/exec /var/task/bootstrap: permission denied"}"#
        ),
        (
            .responseTooLarge(),
            #"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
        ),
    ]

    @Test(arguments: table.indices) func bodies(row: Int) {
        let (error, body) = Self.table[row]
        #expect(String(decoding: error.body(requestID: "ID"), as: UTF8.self) == body)
    }

    @Test(arguments: [
        (0, "0.00"), (0.004, "0.00"), (0.006, "0.01"), (9.999, "10.00"), (12.3, "12.30"), (3, "3.00"),
    ])
    func twoDecimals(value: Double, text: String) {
        #expect(Decimal2.text(value) == text)
    }
}
