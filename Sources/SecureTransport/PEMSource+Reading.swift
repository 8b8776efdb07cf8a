#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension PEMSource {
  /// - Throws: `TLSError` with the code given when the file cannot be read or is too long.
  func load(as code: TLSError.Code, bytesMax: Int) throws(TLSError) -> [UInt8] {
    guard let bytes = try loadUnlessMissing(as: code, bytesMax: bytesMax) else {
      throw TLSError(code, "\(name) does not exist")
    }
    return bytes
  }

  /// As `load`, but a file that does not exist is `nil`.
  func loadUnlessMissing(as code: TLSError.Code, bytesMax: Int) throws(TLSError) -> [UInt8]? {
    switch self {
    case .bytes(let bytes): return bytes
    case .file(let path): return try Self.contents(of: path, as: code, bytesMax: bytesMax)
    }
  }

  /// As `load`, but refuses a file that other users can read.
  ///
  /// What systemd hands to a service (`LoadCredential=`) belongs to root, and an access list lets the service's user in: the bits
  /// of the group then are the list's mask.
  ///
  /// - Throws: also `TLSError(.keyExposed)`.
  func loadSecret(as code: TLSError.Code, bytesMax: Int) throws(TLSError) -> [UInt8] {
    guard case .file(let path) = self else { return try load(as: code, bytesMax: bytesMax) }
    let bytes = try Self.contents(of: path, as: code, bytesMax: bytesMax) { mode throws(TLSError) in
      guard mode & (Self.isCredential(path) ? 0o037 : 0o077) == 0 else {
        throw TLSError(
          .keyExposed, "other users can read \(path); make it private with chmod 600")
      }
    }
    guard let bytes else { throw TLSError(code, "\(path) does not exist") }
    return bytes
  }

  private static func isCredential(_ path: String) -> Bool {
    guard let folder = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }),
      folder.hasPrefix("/")
    else { return false }
    return path.hasPrefix("\(folder)/") && !path.contains("/../")
  }

  /// What a key from here is called in a sentence.
  var keyName: String {
    switch self {
    case .bytes: "the key"
    case .file(let path): "the key \(path)"
    }
  }

  private var name: String {
    switch self {
    case .bytes: "the text given"
    case .file(let path): path
    }
  }

  private static func contents(
    of path: String, as code: TLSError.Code, bytesMax: Int,
    checkingMode check: (mode_t) throws(TLSError) -> Void = { _ in }
  ) throws(TLSError) -> [UInt8]? {
    func failure() -> TLSError {
      TLSError(code, "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure()
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure() }
    try check(status.st_mode)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: chunk.prefix(count))
      guard bytes.count <= bytesMax else {
        throw TLSError(code, "\(path) is longer than \(bytesMax) bytes")
      }
    }
  }
}
