import Foundation
import Testing

/// The house rules for every file, and for the documents.
@Suite struct RepositoryTests {
  private let repository: Repository

  init() throws {
    repository = try Repository()
  }

  /// Without files whose bytes are somebody else's.
  private var ownFiles: [String] {
    // What a fuzzer begins with is bytes, not text, and so is a database.
    repository.files.filter {
      $0 != "LICENSE" && !$0.hasSuffix(".csv") && !$0.hasPrefix("Fuzz/corpus/")
        && !$0.hasSuffix(".sqlite")
    }
  }

  @Test func linesEndWhereTheirTextEnds() throws {
    let blank = try repository.places(
      of: [" ", "\t"], in: ownFiles, reading: repository.lines
    ) { line in
      line.last == " " || line.last == "\t"
    }
    let withReturns = try ownFiles.filter { try repository.bytes(of: $0).contains(13) }
    #expect(blank + withReturns == [])
  }

  @Test func noFileNamesAFolderOfSomebodysMachine() throws {
    let folders = ["work", "root", "home", "Users"].map { "/\($0)/" }
    let wrong = try repository.places(
      of: folders, in: ownFiles, reading: repository.lines
    ) { line in
      folders.contains { folder in
        line.ranges(of: folder).contains { range in
          let isInside = line[..<range.lowerBound].last.map(Self.isPartOfPath) ?? false
          // Amina is the field agent of the examples.
          return !isInside && !line[range.upperBound...].hasPrefix("amina")
        }
      }
    }
    #expect(wrong == [])
  }

  private static func isPartOfPath(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || ".-_}~*".contains(character)
  }

  @Test func noPrivateKeyIsKept() throws {
    let mark = "PRIVATE KEY" + "-----"
    let wrong = try repository.files.filter { file in
      guard try repository.bytes(of: file).range(of: Data(mark.utf8)) != nil else { return false }
      let lines = try repository.lines(of: file)
      return zip(lines, lines.dropFirst()).contains { line, next in
        line.hasSuffix(mark) && next.count >= 32
          && next.allSatisfy { $0.isLetter || $0.isNumber || "+/=".contains($0) }
      }
    }
    #expect(wrong == [])
    #expect(repository.files.filter { $0.hasSuffix(".key") || $0.hasSuffix(".p12") } == [])
  }

  @Test func everyLinkToAFileLeadsSomewhere() throws {
    let documents = repository.files.filter { $0.hasSuffix(".md") }
    #expect(documents.contains("README.md"))
    var wrong: [String] = []
    for document in documents {
      let folder = (document as NSString).deletingLastPathComponent
      for target in Self.links(in: try repository.lines(of: document))
      where !target.contains(":") {
        let path = (folder as NSString).appendingPathComponent(target)
        if !repository.contains(path) { wrong.append("\(document): \(target)") }
      }
    }
    #expect(wrong == [])
  }

  /// Where `[text](target)` leads, without what follows `#`.
  private static func links(in lines: [Substring]) -> [String] {
    lines.flatMap { line in
      line.ranges(of: "](").compactMap { range in
        let target = line[range.upperBound...].prefix { !")# ".contains($0) }
        return target.isEmpty ? nil : String(target)
      }
    }
  }

  /// The fuzzer's program is built from links to sources, apart from all else: a file that is moved would be missed there.
  @Test func everySymbolicLinkLeadsSomewhere() {
    #expect(repository.danglingLinks == [])
  }

  @Test func theChangelogHasAPlaceForWhatComes() throws {
    #expect(try repository.lines(of: "CHANGELOG.md").contains("## [Unreleased]"))
  }

  @Test func scriptsCanBeRunAndStopAtAnError() throws {
    let scripts = repository.files.filter { $0.hasPrefix("scripts/") || $0 == ".ci/run" }
    #expect(scripts.contains("scripts/test") && scripts.contains(".ci/run"))
    for script in scripts {
      let lines = try repository.lines(of: script)
      guard lines.first == "#!/usr/bin/env bash" else { continue }
      #expect(lines.contains("set -euo pipefail"), "\(script)")
      #expect(repository.isExecutable(script), "\(script)")
    }
  }
}
