/// All that one subject is granted: a record of the offices' own collection, `grant/SUBJECT`, with `COLLECTION/read` and
/// `COLLECTION/write`, each true or false.
///
/// Of a grant and a revocation that did not know of each other the revocation holds: a right stands only if every sibling
/// says so.
public struct GrantSheet: Sendable {
  /// In the order in which one includes the other.
  enum Right: String, CaseIterable {
    case read, write

    /// What matches it in every collection.
    var pattern: FieldPath { FieldPath(trusted: Array("*/\(rawValue)".utf8)) }
  }

  /// What IDs begin with, up to the slash.
  package static let kind = "grant"
  private static let idPrefix = kind + "/"

  public let subject: Grant.Subject
  private let record: Record

  public init(of subject: Grant.Subject, _ record: Record) {
    self.subject = subject
    self.record = record
  }

  /// nil for a record that is something else.
  public init?(_ id: RecordID, _ record: Record) {
    let text = id.description
    guard text.hasPrefix(Self.idPrefix),
      let subject = try? Grant.Subject(String(text.dropFirst(Self.idPrefix.count)))
    else { return nil }
    self.init(of: subject, record)
  }

  public static func id(of subject: Grant.Subject) -> RecordID {
    RecordID(trusted: Array((idPrefix + subject.description).utf8))
  }

  /// What the sheet says of just this scope, wildcards aside.
  public func access(to scope: Grant.Scope) -> Access {
    if !stands(.read, for: scope) { return .none }
    return stands(.write, for: scope) ? .write : .read
  }

  /// What stands, by scope.
  public var grants: [Grant] {
    var scopes: [Grant.Scope] = []
    for field in record.fields {
      guard let text = field.path.segments.first, let scope = try? Grant.Scope(text),
        scopes.last != scope
      else { continue }
      scopes.append(scope)
    }
    return scopes.compactMap { scope in
      let access = access(to: scope)
      return access == .none ? nil : Grant(subject: subject, scope: scope, access: access)
    }
  }

  // MARK: Changes

  /// What to write so that at least `access` is allowed: a grant never takes away.
  public func changes(
    granting access: Access, to scope: Grant.Scope
  ) -> [Record.Change] {
    var changes: [Record.Change] = []
    for right in Right.allCases where access.includes(right) {
      if stands(right, for: scope) { continue }
      changes.append((path(of: right, for: scope), .value(.boolean(true))))
    }
    return changes
  }

  /// What to write so that at most `remaining` is allowed. It is written down where nothing was allowed, too: so it holds
  /// against a grant that another office gave, and of which this one has not heard yet.
  public func changes(
    leaving remaining: Access, of scope: Grant.Scope
  ) -> [Record.Change] {
    var changes: [Record.Change] = []
    for right in Right.allCases where !remaining.includes(right) {
      let path = path(of: right, for: scope)
      let siblings = record.siblings(at: path)
      if !siblings.isEmpty, siblings.allSatisfy({ $0.content == .value(.boolean(false)) }) {
        continue
      }
      changes.append((path, .value(.boolean(false))))
    }
    return changes
  }

  private func stands(_ right: Right, for scope: Grant.Scope) -> Bool {
    let siblings = record.siblings(at: path(of: right, for: scope))
    return !siblings.isEmpty && siblings.allSatisfy { $0.content == .value(.boolean(true)) }
  }

  private func path(of right: Right, for scope: Grant.Scope) -> FieldPath {
    FieldPath(trusted: Array("\(scope)/\(right.rawValue)".utf8))
  }
}

extension Access {
  fileprivate func includes(_ right: GrantSheet.Right) -> Bool {
    switch right {
    case .read: mayRead
    case .write: mayWrite
    }
  }
}
