extension Record {
  /// The record with other times in some of its siblings, all else as it is; nil if no time changes.
  ///
  /// - Parameter time: the time that a sibling is to have.
  /// - Throws: ``RecordError`` never, for a record that keeps its own rules.
  public func restamped(_ time: (Sibling) -> HybridTime) throws(RecordError) -> Record? {
    var changed = false
    var fields: [Field] = []
    for field in self.fields {
      let siblings = field.siblings.map { sibling in
        let write = sibling.write
        let new = time(sibling)
        if new == write.time { return sibling }
        changed = true
        return Sibling(
          dot: sibling.dot, write: WriteInfo(time: new, author: write.author, note: write.note),
          content: sibling.content)
      }
      fields.append(Field(path: field.path, siblings: siblings, withheld: field.withheld))
    }
    return changed ? try Record(fields: fields, clock: clock, erased: erased) : nil
  }
}
