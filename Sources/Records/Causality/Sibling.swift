/// One value of a field, with the write that put it there.
public struct Sibling: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    case value(Value)
    /// The write removed the field. It is kept like a value: without it the removal would have no dot to find.
    case absent
  }

  public let dot: Dot
  public let write: WriteInfo
  public let content: Content

  public init(dot: Dot, write: WriteInfo, content: Content) {
    self.dot = dot
    self.write = write
    self.content = content
  }

  public var value: Value? {
    if case .value(let value) = content { value } else { nil }
  }
}

/// When a write was made and by whom: the same for all fields that it set.
public struct WriteInfo: Hashable, Sendable {
  /// 0–128 bytes of UTF-8.
  public static let noteBytesMax = 128

  public let time: HybridTime
  public let author: Identity
  /// Who sat at the desk, as that person says (`--by`); empty if nobody said.
  public let note: String

  public init(time: HybridTime, author: Identity, note: String = "") {
    self.time = time
    self.author = author
    self.note = note
  }

  public static func == (a: WriteInfo, b: WriteInfo) -> Bool {
    a.time == b.time && a.author == b.author && a.note.utf8.elementsEqual(b.note.utf8)
  }
}
