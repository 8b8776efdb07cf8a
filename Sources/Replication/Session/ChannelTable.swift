import OfficeSyncProtocol
import OfficeSyncRecords

/// The channels of one session: routes messages and answers to them, and lets one at a time send records, so that what a
/// session holds in memory does not grow with the number of collections. What the offices agree on waits for nobody: a
/// revocation need not come behind a backlog.
struct ChannelTable {
  /// Those under way; a finished one is forgotten, so that a session may last.
  private(set) var machines: [Channel: ChannelMachine] = [:]
  private var received: UInt64 = 0
  private var sent: UInt64 = 0
  private var sendQueue: [Channel] = []
  /// Those that wait for the network to take what they sent. It is asked once at a time.
  private var draining: [Channel] = []

  var isIdle: Bool { machines.values.allSatisfy(\.isIdle) }

  /// What has been done of the collections that are under way.
  var unfinished: [ChannelOutcome] { machines.values.map(\.interim) }

  mutating func add(_ machine: ChannelMachine) {
    machines[machine.channel] = machine
  }

  func isSaturated(_ channel: Channel) -> Bool { machines[channel]?.isSaturated ?? false }

  /// Of all channels, finished ones too.
  var recordsReceived: UInt64 { machines.values.reduce(received) { $0 + $1.recordsReceived } }
  var recordsSent: UInt64 { machines.values.reduce(sent) { $0 + $1.recordsSent } }
  var recordsEstimate: UInt64 { machines.values.reduce(received) { $0 + $1.recordsEstimate } }

  /// Those under way.
  var collections: Set<CollectionName> { Set(machines.values.map(\.outcome.collection)) }

  /// Runs one input of one channel's machine and turns its steps into the session's actions.
  mutating func run<E: Error>(
    _ channel: Channel, _ input: (inout ChannelMachine) throws(E) -> [ChannelMachine.Step]
  ) throws(E) -> [SessionAction] {
    guard let index = machines.index(forKey: channel) else { return [] }
    // In its place: a copy of the machine would copy what it has gathered.
    let steps = try input(&machines.values[index])
    var actions: [SessionAction] = []
    for step in steps {
      switch step {
      case .send(let message): actions.append(.send(message))
      case .store(let request): actions.append(.store(request, channel))
      case .readyToSend:
        if machines[channel]?.outcome.collection == .office {
          actions += run(channel) { machine in machine.startSending() }
          continue
        }
        sendQueue.append(channel)
        if sendQueue.count == 1 { actions += startHead() }
      case .awaitDrain:
        draining.append(channel)
        if draining.count == 1 { actions.append(.awaitDrain) }
      case .finished:
        guard let finished = machines.removeValue(forKey: channel) else { continue }
        // A session that lasts is idle for most of its time, and has no use for the room meanwhile.
        if machines.isEmpty { machines = [:] }
        actions.append(.finished(finished.outcome, channel))
        received += finished.recordsReceived
        sent += finished.recordsSent
      }
    }
    return actions + nextSender()
  }

  mutating func drained() -> [SessionAction] {
    guard !draining.isEmpty else { return [] }
    let first = draining.removeFirst()
    return (draining.isEmpty ? [] : [.awaitDrain]) + run(first) { machine in machine.drained() }
  }

  /// When the head of the queue has sent all, or ended early, the next has its turn.
  private mutating func nextSender() -> [SessionAction] {
    guard let head = sendQueue.first, machines[head]?.hasSent ?? true else { return [] }
    sendQueue.removeFirst()
    return startHead()
  }

  private mutating func startHead() -> [SessionAction] {
    guard let head = sendQueue.first else { return [] }
    return run(head) { machine in machine.startSending() }
  }
}
