import Foundation
import Testing

/// The deliberate faults of `scripts/mutants` are texts to replace in the sources, which move on.
@Suite struct MutantTests {
  private let repository: Repository

  init() throws {
    repository = try Repository()
  }

  @Test func everyFaultStillFitsItsSource() throws {
    let faults = repository.files.filter { $0.hasPrefix("Tests/Mutants/") }
    #expect(faults.count > 15)
    for fault in faults {
      let edits = try text(of: fault).components(separatedBy: "\n--- ").dropFirst()
      #expect(!edits.isEmpty, "\(fault) replaces nothing")
      for edit in edits {
        let parts = edit.components(separatedBy: "\n<<<<<<<\n")
        let old = try #require(parts.last?.components(separatedBy: "=======\n").first)
        let places = try text(of: parts[0]).components(separatedBy: old).count - 1
        #expect(places == 1, "\(fault): what it replaces is there \(places) times in \(parts[0])")
      }
    }
  }

  private func text(of file: String) throws -> String {
    String(decoding: try repository.bytes(of: file), as: UTF8.self)
  }
}
