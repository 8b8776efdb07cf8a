extension Record {
  /// Whether a purge would find nothing: there is the tombstone of an earlier one, and nothing that came since.
  public var isPurged: Bool {
    guard !erased.isEmpty, fields.count == 1, let field = fields.first else { return false }
    return field.path == .deleted && field.siblings.count == 1
      && field.siblings[0].content != .absent
  }
}
