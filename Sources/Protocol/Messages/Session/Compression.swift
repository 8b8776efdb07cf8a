/// How frames may be compressed on their way. A client says in `Hello` what it takes, the server chooses in `Welcome`.
public enum Compression: UInt8, Hashable, Sendable, CaseIterable {
  /// RFC 8878.
  case zstd = 1

  /// Of the extension in `Hello` and `Welcome`: even, so that who does not know it sends and gets plain frames.
  static let extensionTag: UInt64 = 0
}

extension ByteWriter {
  mutating func compressions(_ compressions: [Compression]) {
    if compressions.isEmpty { return }
    addExtension(Compression.extensionTag, compressions.map(\.rawValue))
  }
}

extension ByteReader {
  /// Reads a message's extensions to their end.
  /// - Returns: what is offered or chosen, rising; nil for one that this version does not know.
  mutating func compressions() throws(CodecError) -> [Compression?] {
    guard let codes = try extensions(finding: Compression.extensionTag) else { return [] }
    if codes.isEmpty { throw .outOfRange("compression") }
    if zip(codes, codes.dropFirst()).contains(where: >=) { throw .notCanonical("compression") }
    return codes.map { Compression(rawValue: $0) }
  }
}
