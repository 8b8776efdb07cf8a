import OfficeSyncCommandSupport
import OfficeSyncRecords

/// Conflicts as people compare them: the values of each below each other, with who wrote them and when.
struct ConflictTable {
  /// The columns that say which field it is.
  enum Name: CaseIterable {
    case collection, record, path
  }

  private let names: [Name]
  private var table: TableWriter

  init(_ console: Console, names: [Name]) {
    self.names = names
    let titles = names.map { name in
      switch name {
      case .collection: Table.Column(Texts.collection, isKept: true)
      case .record: Table.Column(Texts.record, isKept: true)
      case .path: Table.Column(Texts.field, isKept: true)
      }
    }
    table = console.table(
      titles + [
        Table.Column(Texts.number, alignment: .trailing), Table.Column(Texts.value),
        Table.Column(Texts.writtenBy), Table.Column(Texts.at), Table.Column(Texts.state),
      ])
  }

  mutating func add(_ conflict: FieldConflict, of id: RecordID, in collection: CollectionName)
    throws
  {
    for (index, sibling) in conflict.siblings.enumerated() {
      let isFirst = index == 0
      let cells = names.map { name -> String in
        switch name {
        case _ where !isFirst: ""
        case .collection: collection.text
        case .record: id.description
        case .path: conflict.path.description
        }
      }
      let state = !isFirst ? "" : conflict.isOpen ? Texts.open : Texts.settled
      try table.add(
        cells + [
          String(index + 1), sibling.shown(at: conflict.path), sibling.writer, sibling.time, state,
        ])
    }
  }

  mutating func finish() throws { try table.finish() }
}
