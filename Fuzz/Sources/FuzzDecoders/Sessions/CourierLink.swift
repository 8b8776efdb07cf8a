import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// A courier between two offices: its real session, driven as `RelayLink` drives it.
final class CourierLink {
  private let from: Party
  private let to: Party
  private var session: RelaySession
  private var decoders: [RelayEnd: FrameDecoder] = [:]
  /// What the courier has written to each office, and the office has not read.
  private var outboxes: [RelayEnd: [Frame]] = [:]
  private var isClosed = false

  /// - Parameters:
  ///   - wanted: the offices that records are to come from.
  ///   - collections: those that the courier names; nil for whatever it may carry.
  init(
    from: InMemoryStore, to: InMemoryStore, wanted: Set<RelayEnd>,
    collections: [CollectionName: Set<RelayEnd>]?, isRecovering: Bool, tokens: Tokens
  ) {
    self.from = Self.office(from, isRecovering: isRecovering, tokens)
    self.to = Self.office(to, isRecovering: false, tokens)
    session = RelaySession(
      software: "fuzz", identities: [.from: from.replica().identity, .to: to.replica().identity],
      wanted: wanted, collections: collections)
    for end in RelayEnd.allCases {
      decoders[end] = FrameDecoder(frameBytesMax: Limits.frameBytesMax)
    }
    perform(session.start(wallMilliseconds: Party.wall), with: nil, from: .from)
  }

  private static func office(
    _ store: InMemoryStore, isRecovering: Bool, _ tokens: Tokens
  ) -> Party {
    Party(
      ServerSession(me: LocalInfo(store.replica()), peerIdentity: Scene.courier), store,
      StoreExecutor(store: store, wall: { Party.wall }, token: tokens.next),
      isRecovering: isRecovering)
  }

  func office(_ end: RelayEnd) -> Party { end == .from ? from : to }

  func takeFrame(for end: RelayEnd) -> Frame? {
    guard let frame = outboxes[end]?.first else { return nil }
    outboxes[end]?.removeFirst()
    return frame
  }

  /// What an office says may end the courier's run, and nothing worse.
  func receive(_ bytes: [UInt8], from end: RelayEnd) {
    guard !isClosed, var decoder = decoders[end] else { return }
    decoder.append(bytes)
    let carried = session.recordsCarried
    do {
      while !isClosed, let frame = try decoder.next() {
        guard let message = try Message(frame) else { continue }
        perform(try session.received(message, from: end), with: frame, from: end)
        isClosed = session.isClosed
      }
    } catch is SessionError {
      isClosed = true
    } catch is CodecError {
      isClosed = true
    } catch is FrameError {
      isClosed = true
    } catch {
      require(false, "an office brought a courier to \(error)")
    }
    decoders[end] = decoder
    require(session.recordsCarried >= carried, "a courier carries fewer records than before")
    require(
      session.outcomes.allSatisfy { $0.inSync != true || $0.failure == nil },
      "a collection failed and is in sync")
  }

  private func perform(
    _ actions: [RelaySession.Action], with frame: Frame?, from end: RelayEnd
  ) {
    for action in actions {
      switch action {
      case .send(let message, let receiver):
        require(
          (try? Message(message.frame)) == message, "what a courier sent reads as something else")
        outboxes[receiver, default: []].append(message.frame)
      case .forward:
        if let frame { outboxes[end.other, default: []].append(frame) }
      // It offers no compression.
      case .compress: require(false, "an office compresses though nobody offered it")
      }
    }
  }

  /// Delivers all that is under way, and what that brings forth.
  func run() {
    while true {
      var isQuiet = true
      for end in RelayEnd.allCases {
        if let frame = takeFrame(for: end) {
          office(end).receive(frame.encoded)
          isQuiet = false
        }
        if let frame = office(end).takeFrame() {
          receive(frame.encoded, from: end)
          isQuiet = false
        }
      }
      if isQuiet { return }
    }
  }
}
