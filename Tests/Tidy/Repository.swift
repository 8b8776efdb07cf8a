import Foundation
import OfficeSyncTestSupport

/// The files of this repository: those that git tracks, and new ones that it does not ignore.
struct Repository {
  /// Paths from the root, sorted.
  let files: [String]
  /// Symbolic links to what is not there.
  let danglingLinks: [String]
  private let root: URL

  struct NotListed: Error {
    var status: Int32
    var errors: String
  }

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let git = try ChildProcess.run([
      "git", "-C", root.path, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
    ])
    guard git.status == 0 else { throw NotListed(status: git.status, errors: git.errorText) }
    self.root = root
    let manager = FileManager.default
    let listed = git.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
    files = listed.filter { manager.fileExists(atPath: root.appending(path: $0).path) }
    danglingLinks = Set(listed).subtracting(files).filter { link in
      (try? manager.destinationOfSymbolicLink(atPath: root.appending(path: link).path)) != nil
    }.sorted()
  }

  /// Swift files in some folders and below.
  func swiftFiles(in folders: String...) -> [String] {
    files.filter { file in
      file.hasSuffix(".swift") && folders.contains { file.hasPrefix($0 + "/") }
    }
  }

  /// Whether something is there, tracked or not.
  func contains(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  func isExecutable(_ file: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: root.appending(path: file).path)
  }

  func bytes(of file: String) throws -> Data {
    try Data(contentsOf: root.appending(path: file))
  }

  /// The file's lines; none for one that is no UTF-8.
  func lines(of file: String) throws -> [Substring] {
    (String(data: try bytes(of: file), encoding: .utf8) ?? "")
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The file's lines with comments and string literals blanked.
  func code(of file: String) throws -> [Substring] {
    SwiftCode.blanked(Array(try bytes(of: file)))
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The lines, as `FILE:LINE: TEXT`, that contain one of some words. Files without any are not read line by line.
  func places(
    of words: [String], in files: [String], reading read: (String) throws -> [Substring],
    where isMeant: (Substring) -> Bool = { _ in true }
  ) throws -> [String] {
    try files.flatMap { file -> [String] in
      let bytes = try bytes(of: file)
      let here = words.filter { bytes.range(of: Data($0.utf8)) != nil }
      if here.isEmpty { return [] }
      return try read(file).enumerated().filter { line in
        here.contains { line.element.contains($0) } && isMeant(line.element)
      }.map { line in
        "\(file):\(line.offset + 1): \(line.element.trimmingCharacters(in: .whitespaces))"
      }
    }
  }

  /// What a Swift file imports, attributes and access levels aside: `import struct A.B` is `A`.
  func imports(of file: String) throws -> [String] {
    try lines(of: file).compactMap { line in
      guard line.contains("import ") else { return nil }
      let words = line.split(separator: " ")
      guard let keyword = words.firstIndex(of: "import"),
        words[..<keyword].allSatisfy({ $0.first == "@" || Self.accessLevels.contains($0) }),
        let name = words.last
      else { return nil }
      return String(name.prefix { $0 != "." })
    }
  }

  private static let accessLevels: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
}
