#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What opens a private key that is protected with a passphrase. It shows in no text.
public enum Passphrase: Hashable, Sendable {
  case typed([UInt8])
  /// The first line of a file that nobody else can read. It is read each time that a key is opened with it.
  case file(path: String)

  /// - Throws: `TLSError` `.passphraseUnreadable`, `.keyExposed`
  func bytes() throws(TLSError) -> [UInt8] {
    let (bytes, name) =
      switch self {
      case .typed(let bytes): (bytes, "the passphrase")
      case .file(let path):
        (
          Array(
            try PEMSource.file(path: path)
              .loadSecret(as: .passphraseUnreadable, bytesMax: TLSLimits.pemFileBytesMax)
              .prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }),
          "the first line of \(path)"
        )
      }
    guard 1...TLSLimits.passphraseBytesMax ~= bytes.count else {
      throw TLSError(
        .passphraseUnreadable,
        bytes.isEmpty
          ? "\(name) is empty" : "\(name) is longer than \(TLSLimits.passphraseBytesMax) bytes")
    }
    return bytes
  }
}

extension Passphrase: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "a passphrase" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
