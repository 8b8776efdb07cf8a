import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The words of `import` that people read.
enum ImportTexts {
  static func checking(_ file: String) -> String { "Checking \(file)" }
  static func storing(_ file: String) -> String { "Storing \(file)" }

  /// What the notes of writes begin with that an office takes in for somebody else.
  static func mark(for device: Identity) -> String { "for \(device)" }

  /// A write's note.
  static func note(_ mark: String, by note: String) -> String {
    [mark, note].filter { !$0.isEmpty }.joined(separator: ", by ")
  }

  static func problem(_ problem: ImportProblem, in file: String) -> Prose { "\(file), \(problem)" }

  static func done(_ file: String, _ collection: CollectionName, _ counts: ImportRun.Counts)
    -> Prose
  {
    """
    \(file): \(count(counts.rows)) rows; \(count(counts.written)) stored in \(collection), \
    \(count(counts.rows - counts.written)) there already.
    """
  }

  static func wouldDo(
    _ file: String, _ collection: CollectionName, _ counts: ImportRun.Counts
  ) -> Prose {
    """
    \(file) can be imported: \(count(counts.rows)) rows; \(count(counts.written)) to be stored in \
    \(collection), \(count(counts.rows - counts.written)) there already. Nothing was stored.
    """
  }

  private static func count(_ number: Int) -> String { Amounts.count(number) }
}
