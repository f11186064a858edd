import FuzzDriver
import FuzzProperties
import Glibc

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    check(data, count, FrameProperties.check)
}

exit(run(testOneInput))
