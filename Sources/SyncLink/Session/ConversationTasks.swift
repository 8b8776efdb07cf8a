import AsyncAlgorithms
import NIOCore
import OfficeSyncCompression
import OfficeSyncProtocol
import OfficeSyncSecureTransport

/// What a conversation's loop is told, one thing after the other.
enum ConversationEvent: Sendable {
  case bytes(ByteBuffer)
  /// What was to be sent before an `Outbound.reportDrained` has been taken by the connection.
  case drained
  /// The store has answered the batch of this number.
  case applied(Int)
  /// The peer has closed its half.
  case ended
  /// The connection failed while reading.
  case failed(any Error)
  case writingFailed(any Error)
  /// Nothing came for the idle time, as far as the watcher saw.
  case idle
  /// The peer has had its time to say who it is.
  case introductionDue
  case stop
  /// What the store knows of collections that changed.
  case changed(ChangeFeed.Digests)
  /// What the peer was let in by holds no longer.
  case distrusted(TLSError)
  /// Grants may have changed.
  case accessChanged
  /// The session lasts, and this side may have been silent for long enough.
  case aliveDue
}

/// The tasks beside a conversation's loop: one reads, one writes, one or two watch the time. All they find out goes to the
/// loop as an event.
struct ConversationTasks {
  private let reader: Task<Void, Never>
  private let writer: Task<Void, Never>
  private let timers: [Task<Void, Never>]

  /// Starts them. They are no children of the caller's task: they have work left when it is cancelled.
  /// - Parameters:
  ///   - activity: noted whenever the peer gives or takes something.
  ///   - introductionTime: after this ``ConversationEvent/introductionDue`` is reported.
  init(
    on channel: any NIOCore.Channel,
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    sending outbox: Outbox, reportingTo events: AsyncChannel<ConversationEvent>,
    activity: Activity, introductionTime: Duration?
  ) {
    reader = Task { await Self.read(inbound, into: events, activity) }
    writer = Task {
      await Self.write(outbox, to: outbound, events, activity) { channel.close(promise: nil) }
    }
    let watcher = Task { await Self.watch(activity, events) }
    let introduction = introductionTime.map { time in
      Task {
        guard (try? await Task.sleep(for: time)) != nil else { return }
        await events.send(.introductionDue)
      }
    }
    timers = [watcher] + [introduction].compactMap { $0 }
  }

  /// For a session that lasts: hands on what changes in the store, and says now and then that this side is there.
  static func lasting(
    _ changes: AsyncStream<ChangeFeed.Digests>?, reportingTo events: AsyncChannel<ConversationEvent>
  ) -> [Task<Void, Never>] {
    let watcher = changes.map { changes in
      Task { for await digests in changes { await events.send(.changed(digests)) } }
    }
    let heart = Task {
      while (try? await Task.sleep(for: .seconds(Limits.aliveSecondsMax))) != nil {
        await events.send(.aliveDue)
      }
    }
    return [watcher, heart].compactMap { $0 }
  }

  /// Lets the last words out, and then ends the tasks. The loop is over: both streams are finished.
  /// - Parameter lingering: whether to let the peer leave first. A socket closed with unread bytes is reset, and the peer
  ///   would never see what was said last.
  func end(lingering: Bool) async {
    for timer in timers { timer.cancel() }
    await Self.wait(for: writer, atMost: ConversationLimits.lastWordsTime)
    if lingering { await Self.wait(for: reader, atMost: ConversationLimits.lingerTime) }
    reader.cancel()
    await reader.value
  }

  private static func read(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    into events: AsyncChannel<ConversationEvent>,
    _ activity: Activity
  ) async {
    do {
      for try await buffer in inbound {
        activity.note()
        await events.send(.bytes(buffer))
        activity.note()
      }
      await events.send(.ended)
    } catch {
      await events.send(.failed(error))
    }
  }

  private static func write(
    _ outbox: Outbox, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ events: AsyncChannel<ConversationEvent>, _ activity: Activity, orClose close: () -> Void
  ) async {
    var writer = FrameWriter()
    var frames: [Frame] = []
    func write(_ pieces: [[UInt8]]) async throws {
      for piece in pieces {
        try await outbound.write(ByteBuffer(bytes: piece))
        // The peer takes what is sent: it is there, though it may have nothing to say for long. A few bytes now and then
        // show nothing: they go into a buffer here, also if nobody is there any more.
        if frames.contains(where: { $0.type != Message.Kind.alive.rawValue }) { activity.note() }
      }
      frames = []
    }
    do {
      for await _ in outbox.bursts {
        for item in outbox.take() {
          if case .frame(let frame) = item {
            frames.append(frame)
            continue
          }
          try await write(writer.encode(frames, at: .now))
          switch item {
          case .frame: break
          case .reportDrained: await events.send(.drained)
          case .compress: writer.agree()
          case .settle: try await write(writer.settle())
          }
        }
        try await write(writer.encode(frames, at: .now))
      }
    } catch {
      close()
      await events.send(.writingFailed(error))
    }
  }

  private static func watch(
    _ activity: Activity, _ events: AsyncChannel<ConversationEvent>
  ) async {
    while !Task.isCancelled {
      let left = activity.patience - activity.quietTime
      if left <= .zero { await events.send(.idle) }
      // After a false alarm too: there is no hurry.
      try? await Task.sleep(for: max(left, .milliseconds(10)))
    }
  }

  /// Waits for a task, whether or not this one is cancelled.
  private static func wait(for task: Task<Void, Never>, atMost time: Duration) async {
    let timer = Task {
      try? await Task.sleep(for: time)
      task.cancel()
    }
    await task.value
    timer.cancel()
  }
}

enum ConversationLimits {
  /// How long the peer may take over what is said last, the reason of a failure among it.
  static let lastWordsTime = Duration.seconds(5)
  /// How long the peer may take to leave after it was told why the session ends.
  static let lingerTime = Duration.seconds(2)
}
