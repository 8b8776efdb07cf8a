import OfficeSyncProtocol
import OfficeSyncRecords

/// The channels of one session: routes messages and answers to them, and lets one at a time send records, so that what a
/// session holds in memory does not grow with the number of collections.
struct ChannelTable {
  private(set) var machines: [Channel: ChannelMachine] = [:]
  private var sendQueue: [Channel] = []
  private var isDraining = false

  var isIdle: Bool { machines.values.allSatisfy(\.isIdle) }

  /// What has been done of the collections that are under way.
  var unfinished: [ChannelOutcome] {
    machines.values.filter { !$0.isFinished }.map(\.interim)
  }

  mutating func add(_ machine: ChannelMachine) {
    machines[machine.channel] = machine
  }

  func isSaturated(_ channel: Channel) -> Bool { machines[channel]?.isSaturated ?? false }

  func contains(_ channel: Channel) -> Bool { machines[channel] != nil }

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
        sendQueue.append(channel)
        if sendQueue.count == 1 { actions += startHead() }
      case .awaitDrain:
        isDraining = true
        actions.append(.awaitDrain)
      case .finished:
        if let outcome = machines[channel]?.outcome { actions.append(.finished(outcome, channel)) }
      }
    }
    return actions + nextSender()
  }

  mutating func drained() -> [SessionAction] {
    guard isDraining, let head = sendQueue.first else { return [] }
    isDraining = false
    return run(head) { machine in machine.drained() }
  }

  /// When the head of the queue has sent all, or ended early, the next has its turn.
  private mutating func nextSender() -> [SessionAction] {
    guard let head = sendQueue.first, let machine = machines[head],
      machine.hasSent || machine.isFinished
    else { return [] }
    sendQueue.removeFirst()
    isDraining = false
    return startHead()
  }

  private mutating func startHead() -> [SessionAction] {
    guard let head = sendQueue.first else { return [] }
    return run(head) { machine in machine.startSending() }
  }
}
