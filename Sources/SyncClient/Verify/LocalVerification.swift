import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// `verify --local`: the store against itself, without a network.
struct LocalVerification {
  let open: OpenStore
  let console: Console

  /// - Throws: `ExitStatus.no` if something is damaged.
  func run() throws {
    let audit = try audit()
    try console.document(document(audit))
    for damage in audit.damage { try console.print(VerifyTexts.line(damage)) }
    try console.print(VerifyTexts.localSummary(audit))
    if audit.isSound { return }
    console.next([open.next().repair])
    throw ExitStatus.no
  }

  private func audit() throws -> StoreAudit {
    let bar = console.progress(VerifyTexts.checkingStore, unit: .records)
    defer { bar.finish() }
    return try open.store.audit { done, total in
      try Task.checkCancellation()
      bar.update(done: Int(clamping: done), total: max(Int(clamping: total), Int(clamping: done)))
    }
  }

  private func document(_ audit: StoreAudit) -> JSONValue {
    .object([
      JSONMember("ok", .boolean(audit.isSound)),
      JSONMember("records", .count(audit.records)),
      JSONMember("damage", .array(audit.damage.map(\.json))),
      JSONMember("damageCount", .count(audit.damageCount)),
    ])
  }
}

extension StoreDamage {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("kind", .string(kind.rawValue)),
      JSONMember("collection", collection.map { .string($0.text) } ?? .null),
      JSONMember("id", id.map { .string($0.description) } ?? .null),
      JSONMember("detail", .string(detail)),
    ])
  }
}
