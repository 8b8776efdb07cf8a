import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The words of `watch` that people read.
enum WatchTexts {
  // MARK: Changes

  /// One line a write, and below it one a field.
  static func lines(_ change: RecordChange) -> [Prose] {
    var lines: [Prose] = []
    var last: Dot?
    for entry in change.entries {
      let sibling = entry.sibling
      if sibling.dot != last {
        let at = Timestamp(sibling.write.time).second
        lines.append("\(at) \(change.collection) \(change.id) \(sibling.writer)")
      }
      last = sibling.dot
      lines.append("    \(line(entry, change.view))")
    }
    if isOpen(.deleted, change.view) { lines.append("    \(inConflict(FieldPath.deleted))") }
    return lines
  }

  private static func line(_ entry: RecordChange.Entry, _ view: RecordView) -> Prose {
    let (path, sibling) = (entry.path, entry.sibling)
    if path == .deleted {
      if sibling.value == nil { return "\(LogTexts.broughtBack)" }
      return view.record.isPurged ? "purged" : "\(Texts.deletedValue)"
    }
    if let structure = view.schema.structure(at: path), structure.path != path {
      let value = sibling.value ?? entry.former.lazy.compactMap(\.value).first
      return "\(structure.path): \(sibling.value == nil ? "-" : "+")\(value?.json.shown ?? "")"
    }
    let new = sibling.shown(at: path)
    let line: Prose =
      if let former = entry.former.first {
        "\(path): \(former.shown(at: path)) -> \(new)"
      } else {
        "\(path): \(new)"
      }
    return isOpen(path, view) ? "\(line) (in conflict)" : line
  }

  private static func isOpen(_ path: FieldPath, _ view: RecordView) -> Bool {
    view.conflicts.contains { $0.path == path && $0.isOpen }
  }

  private static func inConflict(_ path: FieldPath) -> Prose { "\(path): in conflict" }

  // MARK: The link

  static func live(_ office: Identity, _ server: NetworkAddress) -> Prose {
    "Live with \(office) at \(server)."
  }

  static func lost(_ error: CommandError) -> Prose {
    "\(error.message) It is tried again; what is written here is kept until then."
  }

  static func notExchanged(_ error: CommandError) -> Prose { "\(error.message) \(error.remedy)" }

  static let local: Prose = "No server is named: what changes in this store is shown."
  static let watching: Prose = "Watching."
}

extension Timestamp {
  /// `2026-11-24 09:30:12`.
  fileprivate var second: String {
    String(description.prefix(19)).replacing("T", with: " ")
  }
}
