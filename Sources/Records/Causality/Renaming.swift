/// New names for what one branch of a forked replica ID wrote: each write (`origin`, k) with k above `after` becomes
/// (`name`, k).
///
/// Two stores that wrote under one ID have given one name to different writes. Each side takes the name from the
/// first stamp of its own branch, so that all who hold the branch come to the same names without asking.
public struct Renaming: Hashable, Sendable {
  public var origin: ReplicaID
  /// The last counter that both branches have in common; 0 for none.
  public var after: UInt64
  public var name: ReplicaID

  public init(origin: ReplicaID, after: UInt64, name: ReplicaID) {
    self.origin = origin
    self.after = after
    self.name = name
  }

  func renames(_ dot: Dot) -> Bool { dot.replica == origin && dot.counter > after }

  func applied(to dot: Dot) -> Dot { renames(dot) ? Dot(name, dot.counter) : dot }

  /// The other name that the same write may go by; nil for writes that this is not about.
  func twin(of dot: Dot) -> Dot? {
    guard dot.counter > after else { return nil }
    if dot.replica == origin { return Dot(name, dot.counter) }
    return dot.replica == name ? Dot(origin, dot.counter) : nil
  }
}

extension VersionVector {
  /// The origin falls back to what is common to both branches, the rest counts for the new name.
  public func renamed(by renaming: Renaming) -> VersionVector {
    let counter = self[renaming.origin]
    guard counter > renaming.after else { return self }
    var renamed = self
    renamed[renaming.origin] = renaming.after
    renamed.insert(Dot(renaming.name, counter))
    return renamed
  }
}

extension Record {
  /// The record with one branch's writes under their new name, in siblings, clock, `erased` and in what deletions say that
  /// they saw.
  ///
  /// A record may hold a write under both names, when it came once from somebody who had renamed it and once
  /// from somebody who had not. Then it is one write again: it stays only if neither name was superseded.
  ///
  /// - Throws: ``RecordError`` only for a record that breaks its own rules.
  public func renamed(by renaming: Renaming) throws(RecordError) -> Record {
    guard clock[renaming.origin] > renaming.after else { return self }
    let erased = erased.renamed(by: renaming)
    var renamed: [Field] = []
    for field in fields {
      var siblings: [Dot: Sibling] = [:]
      for sibling in field.siblings where stays(sibling.dot, in: field, renaming) {
        let new = sibling.renamed(by: renaming, at: field.path)
        if erased.covers(new.dot) { continue }
        siblings[new.dot] = siblings[new.dot].flatMap { Deletion.joined($0, new) } ?? new
      }
      if siblings.isEmpty { continue }
      let withheld = Set(field.withheld.map(renaming.applied))
      renamed.append(
        Field(
          path: field.path, siblings: siblings.values.sorted { $0.dot < $1.dot },
          withheld: withheld.sorted()))
    }
    return try Record(fields: renamed, clock: clock.renamed(by: renaming), erased: erased)
  }

  private func stays(_ dot: Dot, in field: Field, _ renaming: Renaming) -> Bool {
    guard let twin = renaming.twin(of: dot), clock.covers(twin) else { return true }
    return field.siblings.contains { $0.dot == twin }
  }
}

extension Sibling {
  fileprivate func renamed(by renaming: Renaming, at path: FieldPath) -> Sibling {
    var content = content
    if path == .deleted, let value, let clock = Deletion.clock(in: value) {
      content = .value(Deletion.value(seeing: clock.renamed(by: renaming)))
    }
    return Sibling(dot: renaming.applied(to: dot), write: write, content: content)
  }
}
