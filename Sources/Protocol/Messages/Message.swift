/// Everything that two programs can say to each other. `docs/PROTOCOL.md` has each byte.
public enum Message: Hashable, Sendable {
  case hello(Hello)
  case welcome(Welcome)
  case open(Open)
  case same(Same)
  case state(State)
  case stamps(Stamps)
  case begin(Begin)
  case records(Records)
  case part(Part)
  case done(Done)
  case result(Result)
  case refused(Refused)
  case fail(Fail)
  case fork(Fork)
  case again(Again)
  case compare(Compare)
  case ask(Ask)
  case sums(Sums)
  case fetch(Fetch)
  case relay(Relay)

  public enum Kind: UInt8, CaseIterable, Sendable {
    case hello = 0x01
    case welcome = 0x02
    case open = 0x03
    case same = 0x04
    case state = 0x05
    case stamps = 0x06
    case begin = 0x07
    case records = 0x08
    case part = 0x09
    case done = 0x0A
    case result = 0x0B
    case refused = 0x0C
    case fail = 0x0D
    case fork = 0x0E
    case again = 0x0F
    case compare = 0x10
    case ask = 0x11
    case sums = 0x12
    case fetch = 0x13
    case relay = 0x14
  }

  /// Types from here on may be skipped by who does not know them; below, an unknown one ends the session.
  public static let firstIgnorableType: UInt8 = 0x80

  /// Reads a frame; nil for an unknown type that may be skipped.
  /// - Throws: ``CodecError``
  public init?(_ frame: Frame) throws(CodecError) {
    guard let kind = Kind(rawValue: frame.type) else {
      if frame.type >= Self.firstIgnorableType { return nil }
      throw .unknownTag("message", UInt64(frame.type))
    }
    var reader = ByteReader(frame.body)
    switch kind {
    case .hello: self = .hello(try Hello(from: &reader))
    case .welcome: self = .welcome(try Welcome(from: &reader))
    case .open: self = .open(try Open(from: &reader))
    case .same: self = .same(try Same(from: &reader))
    case .state: self = .state(try State(from: &reader))
    case .stamps: self = .stamps(try Stamps(from: &reader))
    case .begin: self = .begin(try Begin(from: &reader))
    case .records: self = .records(try Records(from: &reader))
    case .part: self = .part(try Part(from: &reader))
    case .done: self = .done(try Done(from: &reader))
    case .result: self = .result(try Result(from: &reader))
    case .refused: self = .refused(try Refused(from: &reader))
    case .fail: self = .fail(try Fail(from: &reader))
    case .fork: self = .fork(try Fork(from: &reader))
    case .again: self = .again(try Again(from: &reader))
    case .compare: self = .compare(try Compare(from: &reader))
    case .ask: self = .ask(try Ask(from: &reader))
    case .sums: self = .sums(try Sums(from: &reader))
    case .fetch: self = .fetch(try Fetch(from: &reader))
    case .relay: self = .relay(try Relay(from: &reader))
    }
    try reader.extensions()
  }

  public var kind: Kind {
    switch self {
    case .hello: .hello
    case .welcome: .welcome
    case .open: .open
    case .same: .same
    case .state: .state
    case .stamps: .stamps
    case .begin: .begin
    case .records: .records
    case .part: .part
    case .done: .done
    case .result: .result
    case .refused: .refused
    case .fail: .fail
    case .fork: .fork
    case .again: .again
    case .compare: .compare
    case .ask: .ask
    case .sums: .sums
    case .fetch: .fetch
    case .relay: .relay
    }
  }

  /// The channel that the message is about; nil where it is about the session.
  public var channel: Channel? {
    switch self {
    case .hello, .welcome, .fail, .relay: nil
    case .open(let message): message.channel
    case .same(let message): message.channel
    case .state(let message): message.channel
    case .stamps(let message): message.channel
    case .begin(let message): message.channel
    case .records(let message): message.channel
    case .part(let message): message.channel
    case .done(let message): message.channel
    case .result(let message): message.channel
    case .refused(let message): message.channel
    case .fork(let message): message.channel
    case .again(let message): message.channel
    case .compare(let message): message.channel
    case .ask(let message): message.channel
    case .sums(let message): message.channel
    case .fetch(let message): message.channel
    }
  }

  /// The frame that carries the message.
  public var frame: Frame {
    var writer = ByteWriter()
    switch self {
    case .hello(let message): message.encode(into: &writer)
    case .welcome(let message): message.encode(into: &writer)
    case .open(let message): message.encode(into: &writer)
    case .same(let message): message.encode(into: &writer)
    case .state(let message): message.encode(into: &writer)
    case .stamps(let message): message.encode(into: &writer)
    case .begin(let message): message.encode(into: &writer)
    case .records(let message): message.encode(into: &writer)
    case .part(let message): message.encode(into: &writer)
    case .done(let message): message.encode(into: &writer)
    case .result(let message): message.encode(into: &writer)
    case .refused(let message): message.encode(into: &writer)
    case .fail(let message): message.encode(into: &writer)
    case .fork(let message): message.encode(into: &writer)
    case .again(let message): message.encode(into: &writer)
    case .compare(let message): message.encode(into: &writer)
    case .ask(let message): message.encode(into: &writer)
    case .sums(let message): message.encode(into: &writer)
    case .fetch(let message): message.encode(into: &writer)
    case .relay(let message): message.encode(into: &writer)
    }
    return Frame(type: kind.rawValue, body: writer.bytes)
  }
}
