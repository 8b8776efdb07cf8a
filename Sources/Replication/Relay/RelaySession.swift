import OfficeSyncProtocol
import OfficeSyncRecords

/// A courier, without I/O: a client of two offices at once that has no store. It opens each collection at both, and passes
/// on what the two then say to each other; it keeps no record and no knowledge.
///
/// Order of calls: `start` once, then `received` for each message of either office, in that office's order; carry out the
/// actions that a call returns, in order, before the next message of that office is handed in. Any throw ends both
/// connections.
public struct RelaySession: Sendable {
  public enum Action: Hashable, Sendable {
    case send(Message, to: RelayEnd)
    /// Sends the frame that is being received on to the other office, as it came.
    case forward
    /// From now on compressed frames are taken from this office, and may be sent to it.
    case compress(RelayEnd)
  }

  private let software: String
  private let compressions: [Compression]
  private let identities: [RelayEnd: Identity]
  /// The offices that records are to come from.
  private let wanted: Set<RelayEnd>
  /// nil for all that the offices let this identity reach.
  private let collections: [CollectionName: Set<RelayEnd>]?
  private var welcomes: [RelayEnd: Welcome] = [:]
  private var channels: [Channel: RelayChannel] = [:]
  private var unfinished = 0

  /// - Parameters:
  ///   - compressions: what whoever drives the session can compress and decompress; rising.
  ///   - identities: of both offices, as their certificates name them.
  ///   - wanted: the offices that records are to come from.
  ///   - collections: those to carry, with the offices that each is to come from; nil for all that the offices let this
  ///     identity reach.
  public init(
    software: String, compressions: [Compression] = [], identities: [RelayEnd: Identity],
    wanted: Set<RelayEnd>,
    collections: [CollectionName: Set<RelayEnd>]?
  ) {
    self.software = software
    self.compressions = compressions
    self.identities = identities
    self.wanted = wanted
    self.collections = collections
  }

  public var outcomes: [RelayOutcome] {
    channels.values.map(\.outcome).sorted { $0.collection < $1.collection }
  }

  public var recordsCarried: UInt64 { channels.values.reduce(0) { $0 + $1.carried } }

  /// Whether everything is done: once the actions of every call are carried out, close both connections.
  public var isClosed: Bool { welcomes.count == RelayEnd.allCases.count && unfinished == 0 }

  /// The office, once it has said who it is.
  public func office(_ end: RelayEnd) -> PeerInfo? {
    guard let welcome = welcomes[end], let identity = identities[end] else { return nil }
    return PeerInfo(welcome, identity: identity)
  }

  /// - Parameter wallMilliseconds: the wall clock now, in milliseconds since 1970 UTC.
  public func start(wallMilliseconds: UInt64) -> [Action] {
    let hello = Hello(
      software: software, replica: .zero, replicaName: "", wallMilliseconds: wallMilliseconds,
      compressions: compressions)
    return RelayEnd.allCases.map { .send(.hello(hello), to: $0) }
  }

  /// - Throws: ``SessionError``
  public mutating func received(
    _ message: Message, from end: RelayEnd
  ) throws(SessionError) -> [Action] {
    switch message {
    case .fail(let fail): throw SessionError(fail.code, fail.message, side: .peer)
    case .welcome(let welcome) where welcomes[end] == nil: return try take(welcome, from: end)
    default:
      guard let number = message.channel, channels[number] != nil else {
        throw .unexpected(message.kind, expecting: welcomes[end] == nil ? [.welcome] : [])
      }
      return try run(number) { (channel) throws(SessionError) in
        try channel.received(message, from: end)
      }
    }
  }

  private mutating func take(
    _ welcome: Welcome, from end: RelayEnd
  ) throws(SessionError) -> [Action] {
    try welcome.requireOffered(compressions)
    // What one office sends the other must take.
    guard welcome.frameBytesMax >= Limits.frameBytesMax else {
      throw SessionError(
        .versionUnsupported, "the server takes frames of \(welcome.frameBytesMax) bytes at most")
    }
    welcomes[end] = welcome
    let compressing: [Action] = welcome.compression == nil ? [] : [.compress(end)]
    guard let one = welcomes[.from], let other = welcomes[.to] else { return compressing }
    guard one.replica != other.replica else {
      throw SessionError(.replicaOwnedByAnother, "both servers are the same office's")
    }
    var actions =
      compressing
      + RelayEnd.allCases.compactMap { end -> Action? in
        guard let spokenFor = office(end.other) else { return nil }
        let relay = Relay(
          replica: spokenFor.replica, replicaName: spokenFor.replicaName, owner: spokenFor.identity)
        return .send(.relay(relay), to: end)
      }
    for (index, name) in names(one, other).enumerated() {
      let channel = RelayChannel(
        channel: Channel(index + 1), collection: name, wanted: collections?[name] ?? wanted,
        writable: Set(RelayEnd.allCases.filter { welcomes[$0]?.mayWrite(name) ?? false }))
      channels[Channel(index + 1)] = channel
      actions.append(action(channel.open()))
    }
    unfinished = channels.count
    return actions
  }

  private func names(_ one: Welcome, _ other: Welcome) -> [CollectionName] {
    let all =
      collections.map { Set($0.keys) }
      ?? Set((one.collections + other.collections).map(\.collection))
    return Array(all.sorted().prefix(Limits.channelsMax))
  }

  private mutating func run(
    _ number: Channel,
    _ input: (inout RelayChannel) throws(SessionError) -> [RelayChannel.Step]
  ) throws(SessionError) -> [Action] {
    guard var channel = channels[number], !channel.isFinished else { return [] }
    let steps = try input(&channel)
    channels[number] = channel
    if channel.isFinished { unfinished -= 1 }
    return steps.map { action($0) }
  }

  private func action(_ step: RelayChannel.Step) -> Action {
    switch step {
    case .send(let message, let end): .send(message, to: end)
    case .forward: .forward
    }
  }
}
