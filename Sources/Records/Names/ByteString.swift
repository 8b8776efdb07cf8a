/// A text used as a key: its UTF-8 bytes, compared and sorted as bytes.
///
/// Swift's `String` will not do for keys: its equality is canonical equivalence and its order is not byte order,
/// so two replicas could disagree on what is one key and on how keys sort.
public struct ByteString: Hashable, Comparable, Sendable {
  public let bytes: [UInt8]

  /// The bytes are trusted to be UTF-8; the named key types check them.
  init(trusted bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Feeds the bytes at once: hashing paths byte by byte was an eighth of an import.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytes.count)
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  public static func < (a: ByteString, b: ByteString) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }
}

extension ByteString: CustomStringConvertible {
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// What is wrong with a name, a record ID or a path.
public enum NameError: Error, Hashable, Sendable {
  case empty
  case tooLong(bytesMax: Int)
  case notUTF8
  case notNFC
  case controlCharacter
  case reserved
  /// A character outside `[a-z0-9-]`, or a hyphen in front.
  case malformed
  case tooManySegments(segmentsMax: Int)
  /// `%` begins none of `%2F`, `%25`, `%3D`, or a bare `=` stands in a segment.
  case badEscape
}

extension NameError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "a name or a part of it is empty"
    case .tooLong(let bytesMax): "it is longer than \(bytesMax) bytes"
    case .notUTF8: "it is not UTF-8"
    case .notNFC: "it is not in Normalization Form C"
    case .controlCharacter: "it holds a control character"
    case .reserved: "names that begin with $ are reserved"
    case .malformed: "it does not have the form asked for"
    case .tooManySegments(let segmentsMax): "it has more than \(segmentsMax) segments"
    case .badEscape: "in a path / % and = within a key are written %2F %25 %3D"
    }
  }
}
