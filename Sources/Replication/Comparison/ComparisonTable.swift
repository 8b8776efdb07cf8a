import OfficeSyncProtocol
import OfficeSyncRecords

/// The collections of a server's session that its client compares, by channel.
struct ComparisonTable {
  private enum Entry {
    /// The grants are looked up.
    case expected(Compare)
    case open(ComparisonResponder)
    case refused
  }

  private var entries: [Channel: Entry] = [:]
  private var draining: Set<Channel> = []
  /// Of those that are open.
  private var names: [Channel: CollectionName] = [:]
  /// What is or was compared.
  private(set) var collections: Set<CollectionName> = []

  /// Whole records sent, by collection, of those that may be compared.
  var handedOut: [CollectionName: UInt64] {
    var counts: [CollectionName: UInt64] = [:]
    for (channel, name) in names {
      guard case .open(let responder) = entries[channel] else { continue }
      counts[name, default: 0] += responder.recordsSent
    }
    return counts
  }

  var count: Int { entries.count }

  var isIdle: Bool {
    entries.values.allSatisfy { entry in
      switch entry {
      case .expected: false
      case .open(let responder): responder.isIdle
      case .refused: true
      }
    }
  }

  func contains(_ channel: Channel) -> Bool { entries[channel] != nil }

  /// - Returns: what the grants are asked about: comparing is reading.
  mutating func expect(_ compare: Compare) -> Open {
    entries[compare.channel] = .expected(compare)
    collections.insert(compare.collection)
    return Open(
      channel: compare.channel, collection: compare.collection, directions: .pull,
      digest: compare.digest, condition: compare.condition)
  }

  /// - Parameter view: nil if the client may not read the collection.
  mutating func authorized(
    _ open: Open, view: LocalView?, orElse notGranted: SessionError
  ) -> [SessionAction] {
    let channel = open.channel
    guard let view else {
      entries[channel] = .refused
      let refused = Refused(
        channel: channel, code: notGranted.code, message: notGranted.message)
      return [.send(.refused(refused))]
    }
    // As for `Same`: without a stamp a write has no name yet, and equal digests would prove nothing.
    guard open.digest == view.standing.digest, view.knowledge.isStamped else {
      entries[channel] = .refused
      let refused = Refused(
        channel: channel, code: .knowledgeDiffers, message: "the two do not know the same writes")
      return [.send(.refused(refused)), .store(.release, channel)]
    }
    entries[channel] = .open(
      ComparisonResponder(channel: channel, frameBytesMax: Limits.frameBytesMax))
    names[channel] = open.collection
    return [.send(.same(Same(channel: channel, condition: view.condition)))]
  }

  mutating func answered(
    _ answer: StoreAnswer, on channel: Channel
  ) throws(SessionError) -> [SessionAction] {
    guard case .open = entries[channel] else { return [] }
    return try run(channel) { (responder) throws(SessionError) in
      switch answer {
      case .digests(let digests): responder.digests(digests)
      case .record(let id, let bytes): try responder.record(id, bytes)
      case .opened, .settled, .remembered, .newestEntries, .read, .adopted, .healed, .parted,
        .renewed, .applied, .completed, .confirmed, .repaired, .released:
        []
      }
    }
  }

  mutating func drained() -> [SessionAction] {
    let channels = draining.sorted()
    draining = []
    return channels.flatMap { channel in
      (try? run(channel) { responder in responder.drained() }) ?? []
    }
  }

  /// Runs one input of one channel's responder.
  mutating func run(
    _ channel: Channel,
    _ input: (inout ComparisonResponder) throws(SessionError) -> [ComparisonResponder.Step]
  ) throws(SessionError) -> [SessionAction] {
    guard case .open(var responder) = entries[channel] else {
      throw SessionError(.protocolViolation, "channel \(channel) compares nothing")
    }
    let steps = try input(&responder)
    entries[channel] = .open(responder)
    return steps.map { step in
      switch step {
      case .send(let message): return .send(message)
      case .store(let request): return .store(request, channel)
      case .awaitDrain:
        draining.insert(channel)
        return .awaitDrain
      }
    }
  }
}
