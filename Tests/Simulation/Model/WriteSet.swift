/// A set of writes, by their numbers in the log. Each replica keeps one a record, and every check works with some: it has no
/// storage of its own to allocate.
struct WriteSet: Hashable, Sendable, Sequence {
  /// Numbers are below this.
  static let capacity = SIMD4<UInt64>.scalarCount * UInt64.bitWidth

  private var words: SIMD4<UInt64> = .zero

  init() {}

  init(_ writes: some Sequence<Int>) {
    for write in writes { insert(write) }
  }

  var isEmpty: Bool { words == .zero }

  var count: Int { (0..<words.scalarCount).reduce(0) { $0 + words[$1].nonzeroBitCount } }

  func contains(_ write: Int) -> Bool { words[write / 64] & 1 << (write % 64) != 0 }

  mutating func insert(_ write: Int) { words[write / 64] |= 1 << (write % 64) }

  mutating func formUnion(_ other: WriteSet) { words |= other.words }

  func union(_ other: WriteSet) -> WriteSet {
    var union = self
    union.formUnion(other)
    return union
  }

  func subtracting(_ other: WriteSet) -> WriteSet {
    var rest = self
    rest.words &= ~other.words
    return rest
  }

  func isDisjoint(with other: WriteSet) -> Bool { words & other.words == .zero }

  func isSubset(of other: WriteSet) -> Bool { subtracting(other).isEmpty }

  struct Iterator: IteratorProtocol {
    fileprivate var words: SIMD4<UInt64>
    private var index = 0

    fileprivate init(_ words: SIMD4<UInt64>) { self.words = words }

    mutating func next() -> Int? {
      while index < words.scalarCount {
        let word = words[index]
        if word != 0 {
          words[index] = word & (word - 1)
          return index * 64 + word.trailingZeroBitCount
        }
        index += 1
      }
      return nil
    }
  }

  func makeIterator() -> Iterator { Iterator(words) }
}
