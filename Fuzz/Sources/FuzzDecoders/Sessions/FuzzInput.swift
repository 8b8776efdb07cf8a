import OfficeSyncProtocol

/// The fuzzer's bytes, read from the front as decisions and pieces.
struct FuzzInput {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func next() -> UInt8? { rest.popFirst() }

  /// As many bytes as there are, at most `count`.
  mutating func take(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// Up to `max`; 0 at the end.
  mutating func number(below max: Int) -> Int {
    let number = Int(next() ?? 0) << 8 | Int(next() ?? 0)
    return max > 0 ? number % max : 0
  }

  // MARK: Frames

  /// A few bytes of its body are others.
  mutating func changed(_ frame: Frame) -> [UInt8] {
    var body = frame.body
    for _ in 0...Int(next() ?? 0) % 4 where !body.isEmpty {
      body[number(below: body.count)] ^= next() ?? 0
    }
    return Frame(type: frame.type, body: body).encoded
  }

  mutating func madeUpFrame() -> [UInt8] {
    let type = next() ?? 0
    return Frame(type: type, body: take(number(below: 4_096))).encoded
  }
}
