/// A set of writes, by their numbers in the log. Small and cheap to copy: each replica keeps one a record.
struct WriteSet: Hashable, Sendable, Sequence {
  private var words: [UInt64] = []

  init() {}

  init(_ writes: some Sequence<Int>) {
    for write in writes { insert(write) }
  }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  func contains(_ write: Int) -> Bool {
    write / 64 < words.count && words[write / 64] & 1 << (write % 64) != 0
  }

  mutating func insert(_ write: Int) {
    while words.count <= write / 64 { words.append(0) }
    words[write / 64] |= 1 << (write % 64)
  }

  mutating func formUnion(_ other: WriteSet) {
    while words.count < other.words.count { words.append(0) }
    for index in other.words.indices { words[index] |= other.words[index] }
  }

  func union(_ other: WriteSet) -> WriteSet {
    var union = self
    union.formUnion(other)
    return union
  }

  func subtracting(_ other: WriteSet) -> WriteSet {
    var rest = self
    for index in rest.words.indices where index < other.words.count {
      rest.words[index] &= ~other.words[index]
    }
    return rest
  }

  func isSubset(of other: WriteSet) -> Bool { subtracting(other).isEmpty }

  /// Trailing zeros do not count.
  static func == (a: WriteSet, b: WriteSet) -> Bool { a.isSubset(of: b) && b.isSubset(of: a) }

  func hash(into hasher: inout Hasher) {
    for write in self { hasher.combine(write) }
  }

  func makeIterator() -> AnyIterator<Int> {
    var (index, word) = (0, words.first ?? 0)
    return AnyIterator {
      while word == 0 {
        index += 1
        if index >= words.count { return nil }
        word = words[index]
      }
      defer { word &= word - 1 }
      return index * 64 + word.trailingZeroBitCount
    }
  }
}
