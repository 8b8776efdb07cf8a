import AsyncAlgorithms
import NIOCore
import OfficeSyncCompression
import OfficeSyncProtocol
import OfficeSyncSecureTransport
import Synchronization

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

/// What goes on beside a conversation's loop: a task reads, another one writes whenever there is something to write, and alarms
/// watch the time. All they find out goes to the loop as an event.
struct ConversationTasks {
  /// What is to be written.
  let outbox: Outbox
  private let reader: Task<Void, Never>
  private let alarms: [Alarm]
  private let channel: any NIOCore.Channel
  private let events: AsyncChannel<ConversationEvent>

  /// Starts them. The tasks are no children of the caller's: they have work left when that is cancelled.
  /// - Parameters:
  ///   - activity: noted whenever the peer gives or takes something.
  ///   - introductionTime: after this ``ConversationEvent/introductionDue`` is reported.
  init(
    on channel: any NIOCore.Channel,
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    reportingTo events: AsyncChannel<ConversationEvent>,
    activity: Activity, introductionTime: Duration?
  ) {
    self.channel = channel
    self.events = events
    let writer = BurstWriter(outbound, events, activity)
    outbox = Outbox { burst in
      do {
        try await writer.write(burst)
      } catch {
        channel.close(promise: nil)
        await events.send(.writingFailed(error))
        throw error
      }
    }
    reader = Task { await Self.read(inbound, into: events, activity) }
    let watcher = Alarm(on: channel.eventLoop, in: activity.patience) {
      let left = activity.patience - activity.quietTime
      if left <= .zero { await events.send(.idle) }
      // After a false alarm too: there is no hurry.
      return max(left, .milliseconds(10))
    }
    let introduction = introductionTime.map { time in
      Alarm(on: channel.eventLoop, in: time) {
        await events.send(.introductionDue)
        return nil
      }
    }
    alarms = [watcher] + [introduction].compactMap { $0 }
  }

  /// For a session that lasts: says now and then that this side is there.
  func heart() -> Alarm {
    let time = Duration.seconds(Limits.aliveSecondsMax)
    return Alarm(on: channel.eventLoop, in: time) { [events] in
      await events.send(.aliveDue)
      return time
    }
  }

  /// Lets the last words out, and then ends the tasks. The loop is over: nothing more is put into the outbox.
  /// - Parameter lingering: whether to let the peer leave first. A socket closed with unread bytes is reset, and the peer
  ///   would never see what was said last.
  func end(lingering: Bool) async {
    for alarm in alarms { alarm.cancel() }
    if let work = outbox.work {
      await Self.wait(for: work, atMost: ConversationLimits.lastWordsTime)
    }
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

/// Writes one burst after the other.
private final class BurstWriter: Sendable {
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private let events: AsyncChannel<ConversationEvent>
  private let activity: Activity
  private let writer = Mutex(FrameWriter())

  init(
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ events: AsyncChannel<ConversationEvent>,
    _ activity: Activity
  ) {
    self.outbound = outbound
    self.events = events
    self.activity = activity
  }

  func write(_ burst: [Outbound]) async throws {
    var frames: [Frame] = []
    for item in burst {
      if case .frame(let frame) = item {
        frames.append(frame)
        continue
      }
      try await send(frames)
      frames = []
      switch item {
      case .frame: break
      case .reportDrained: await events.send(.drained)
      case .compress: writer.withLock { $0.agree() }
      case .settle: try await send(writer.withLock { $0.settle() }, isSign: true)
      }
    }
    try await send(frames)
  }

  private func send(_ frames: [Frame]) async throws {
    // A few bytes now and then show nothing: they go into a buffer here, also if nobody is there any more.
    let isSign = frames.contains { $0.type != Message.Kind.alive.rawValue }
    try await send(writer.withLock { $0.encode(frames, at: .now) }, isSign: isSign)
  }

  /// - Parameter isSign: whether the peer is there if it takes this, though it may have nothing to say for long.
  private func send(_ pieces: [[UInt8]], isSign: Bool) async throws {
    for piece in pieces {
      try await outbound.write(ByteBuffer(bytes: piece))
      if isSign { activity.note() }
    }
  }
}
