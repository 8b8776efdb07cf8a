extension Record {
  /// What one path is to hold after a write.
  public typealias Change = (path: FieldPath, content: Sibling.Content)

  /// Whether a write of `content` at `path` would say nothing new: it is there to the byte and nothing differs from it.
  public func states(_ content: Sibling.Content, at path: FieldPath) -> Bool {
    let siblings = siblings(at: path)
    if siblings.isEmpty { return content == .absent }
    let distinct = LatestPolicy().reading(of: siblings)
    return distinct.count == 1 && distinct[0].content == content
  }
}
