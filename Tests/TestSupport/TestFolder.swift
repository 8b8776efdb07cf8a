import Foundation

/// A temporary folder that goes when the test lets go of it.
public final class TestFolder: Sendable {
  public let path: String

  public init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("officesync-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file that its owner alone can read, unless told otherwise.
  ///
  /// - Returns: its path.
  @discardableResult
  public func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
    let file = "\(path)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  /// Writes `NAME.pem`, `NAME.key` and `ca.pem`, as the programs look for them.
  public func write(_ issued: TestPKI.Issued, named name: String, authority: TestPKI) throws {
    try write(issued.chainPEM, to: "\(name).pem")
    try write(issued.keyPEM, to: "\(name).key")
    try write(authority.authorityPEM, to: "ca.pem")
  }
}
