import Foundation

/// The files of this repository: those that git tracks, and new ones that it does not ignore.
struct Repository {
  /// Paths from the root, sorted.
  let files: [String]
  private let root: URL

  struct NotListed: Error {
    var status: Int32
  }

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = [
      "git", "-C", root.path, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
    ]
    let output = Pipe()
    git.standardOutput = output
    try git.run()
    let listing = try output.fileHandleForReading.readToEnd() ?? Data()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { throw NotListed(status: git.terminationStatus) }
    self.root = root
    files = listing.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      .filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
      .sorted()
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

  /// The file's text; nil for one that is no UTF-8.
  func text(of file: String) throws -> String? {
    String(data: try Data(contentsOf: root.appending(path: file)), encoding: .utf8)
  }

  /// The file's lines; none for one that is no UTF-8.
  func lines(of file: String) throws -> [Substring] {
    (try text(of: file) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The file's lines with comments and string literals blanked.
  func code(of file: String) throws -> [Substring] {
    SwiftCode.blanked(try text(of: file) ?? "")
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The places, as `FILE:LINE: TEXT`, where `isWrong` holds for a line that `read` gives.
  func places(
    in files: [String], of read: (String) throws -> [Substring], where isWrong: (Substring) -> Bool
  ) throws -> [String] {
    try files.flatMap { file in
      try read(file).enumerated().filter { isWrong($0.element) }.map { line in
        "\(file):\(line.offset + 1): \(line.element.trimmingCharacters(in: .whitespaces))"
      }
    }
  }

  /// What a Swift file imports, attributes and access levels aside: `import struct A.B` is `A`.
  func imports(of file: String) throws -> [String] {
    try code(of: file).compactMap { line in
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
