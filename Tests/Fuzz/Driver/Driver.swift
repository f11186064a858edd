import FuzzProperties

public typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, _ one: Callback
) -> CInt

/// Hands the process over to libFuzzer; the build gives every program a `main` of its own, so libFuzzer's
/// cannot be the one that starts.
public func run(_ one: Callback) -> CInt {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    return runDriver(&count, &arguments, one)
}

/// One input held against a property; libFuzzer keeps the input of a process that dies.
public func check(
    _ data: UnsafePointer<UInt8>?, _ count: Int, _ property: ([UInt8]) throws(PropertyFailure) -> Void
) -> CInt {
    do throws(PropertyFailure) {
        try property(Array(UnsafeBufferPointer(start: data, count: count)))
        return 0
    } catch {
        fatalError("\(error)")
    }
}
