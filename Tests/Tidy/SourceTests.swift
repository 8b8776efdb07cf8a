import Testing

/// The house rules for Swift files (CONTRIBUTING.md). Force unwraps and layout are `swift format lint`'s.
@Suite struct SourceTests {
  private let repository: Repository

  init() throws {
    repository = try Repository()
  }

  @Test func filesAreSmall() throws {
    #expect(repository.swiftFiles(in: "Sources").count > 100)
    try expectAtMost(400, linesIn: repository.swiftFiles(in: "Sources", "Benchmarks"))
    try expectAtMost(600, linesIn: repository.swiftFiles(in: "Tests"))
  }

  @Test func pureModulesReachForNoClockAndNoRandomness() throws {
    try expectNone(
      of: [
        " Date(", "UUID(", "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock",
        ".random(in:", ".random()", "randomElement()", "shuffled()",
      ],
      in: repository.swiftFiles(in: "Sources/Records", "Sources/Protocol", "Sources/Replication"))
  }

  /// Foundation's can miss that a program has ended; `ChildProcess` cannot.
  @Test func programsAreStartedOneWay() throws {
    try expectNone(
      of: [" Process()"], in: repository.swiftFiles(in: "Sources", "Tests", "Benchmarks"))
  }

  @Test func nothingTrapsOnPurpose() throws {
    try expectNone(
      of: ["try!", "as!", "fatalError(", "unsafeDowncast(", "unowned(unsafe)"],
      in: repository.swiftFiles(in: "Sources"))
  }

  @Test func nothingIsLeftForLater() throws {
    let marks = ["TODO", "FIXME", "XXX", "HACK", "Placeholder"]
    let files = repository.swiftFiles(in: "Sources", "Tests", "Benchmarks").filter {
      !$0.hasPrefix("Tests/Tidy/")
    }
    let wrong = try repository.places(of: marks, in: files, reading: repository.lines) { line in
      line.split { !$0.isLetter }.contains { marks.contains(String($0)) }
    }
    #expect(wrong == [])
  }

  @Test func everyPublicTypeSaysWhatItIs() throws {
    let types = ["struct", "enum", "protocol", "actor", "class", "final class"].map {
      "public \($0) "
    }
    var wrong: [String] = []
    for file in repository.swiftFiles(in: "Sources") {
      let lines = try repository.lines(of: file)
      for (index, line) in lines.enumerated()
      where types.contains(where: { line.hasPrefix($0) }) {
        let before = lines[..<index].last { !$0.hasPrefix("@") }
        if before?.hasPrefix("///") != true { wrong.append("\(file):\(index + 1): \(line)") }
      }
    }
    #expect(wrong == [])
  }

  private func expectAtMost(_ maximum: Int, linesIn files: [String]) throws {
    let long = try files.map { (file: $0, lines: try repository.lines(of: $0).count - 1) }
      .filter { $0.lines > maximum }
    #expect(long.map { "\($0.file) has \($0.lines) lines" } == [])
  }

  private func expectNone(of words: [String], in files: [String]) throws {
    #expect(!files.isEmpty)
    let wrong = try repository.places(of: words, in: files, reading: repository.code)
    #expect(wrong == [])
  }
}
