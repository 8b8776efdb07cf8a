extension Record {
  /// This record, as a peer holds it, with what can still be read of writes that the peer has not seen in a copy of it that
  /// was damaged. Nothing of the peer's goes: at worst a value that was overtaken shows beside the one that overtook it.
  ///
  /// - Parameter known: the knowledge of the damaged copy's store: what lies beyond was made by the damage.
  /// - Throws: ``RecordError`` if the two do not make one record.
  public func rescuing(
    _ damaged: Record, within known: VersionVector
  ) throws(RecordError) -> Record {
    var siblings: [FieldPath: [Sibling]] = [:]
    for field in fields { siblings[field.path] = field.siblings }
    var clock = clock
    for field in damaged.fields {
      let unseen = field.siblings.filter {
        !self.clock.covers($0.dot) && known.covers($0.dot) && !erased.covers($0.dot)
      }
      if unseen.isEmpty { continue }
      siblings[field.path, default: []] += unseen
      for sibling in unseen { clock.insert(sibling.dot) }
    }
    let fields = siblings.sorted { $0.key < $1.key }.map { path, siblings in
      Field(path: path, siblings: siblings.sorted { $0.dot < $1.dot })
    }
    return try Record(fields: fields, clock: clock, erased: erased)
  }
}
