#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which decoder is fuzzed: the name of a ``FuzzTarget``, from the environment, as all arguments belong to libFuzzer.
private let target: FuzzTarget? = getenv("FUZZ_TARGET").flatMap {
  FuzzTarget(rawValue: String(cString: $0))
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target?.run([UInt8](UnsafeBufferPointer(start: start, count: count)))
  return 0
}

@_extern(c, "LLVMFuzzerRunDriver")
func LLVMFuzzerRunDriver(
  _: UnsafeMutablePointer<CInt>,
  _: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// SwiftPM links an executable's `main` to this name, so libFuzzer's own `main` is not found: this does what that does.
@_cdecl("FuzzDecoders_main")
public func fuzzMain(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  guard target != nil else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
    print("FUZZ_TARGET must be one of: \(names)")
    return 64
  }
  var count = count
  var arguments = arguments
  return LLVMFuzzerRunDriver(&count, &arguments, { fuzzOne($0, $1) })
}
