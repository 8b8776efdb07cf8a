import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication

/// A courier between two offices of which either may say whatever the input makes of its messages.
///
/// The first byte sets the scene: from whom the courier is to carry, whether it names the collection, whether an office is in
/// recovery. Then each byte is a deed, as in ``fuzzSessions(_:)``. Both stores must then be sound.
func fuzzRelays(_ bytes: [UInt8]) {
  var input = FuzzInput(bytes)
  guard let setting = input.next() else { return }
  var meddler = RelayMeddler(setting, input)
  meddler.run()
  meddler.check()
}

private struct RelayMeddler {
  private let from: InMemoryStore
  private let to: InMemoryStore
  private let setting: UInt8
  private let tokens = Tokens(3)
  private var link: CourierLink
  private var input: FuzzInput

  init(_ setting: UInt8, _ input: FuzzInput) {
    let scene = Scene.withOffice
    from = InMemoryStore(on: InMemoryStore.Disk(scene.officeStore))
    to = InMemoryStore(on: InMemoryStore.Disk(scene.clientStore))
    self.setting = setting
    self.input = input
    link = Self.link(from, to, setting, tokens)
  }

  private static func link(
    _ from: InMemoryStore, _ to: InMemoryStore, _ setting: UInt8, _ tokens: Tokens
  ) -> CourierLink {
    let choices: [Set<RelayEnd>] = [[.from, .to], [.from], [.to]]
    let wanted = choices[Int(setting & 3) % 3]
    return CourierLink(
      from: from, to: to, wanted: wanted,
      collections: setting & 4 == 0 ? nil : [Scene.projects: wanted],
      isRecovering: setting & 8 != 0, tokens: tokens)
  }

  mutating func run() {
    while let deed = input.next() {
      let end: RelayEnd = deed & 1 == 0 ? .from : .to
      let office = link.office(end)
      switch deed >> 1 & 7 {
      case 0, 1: if let frame = office.takeFrame() { link.receive(frame.encoded, from: end) }
      case 2: if let frame = link.takeFrame(for: end) { office.receive(frame.encoded) }
      case 3: if let frame = office.takeFrame() { link.receive(input.changed(frame), from: end) }
      case 4: _ = office.takeFrame()
      case 5: if let frame = office.outbox.first { link.receive(frame.encoded, from: end) }
      case 6: link.receive(input.madeUpFrame(), from: end)
      default: interfere(in: office.store)
      }
    }
    link.run()
  }

  /// An office's messages change on their way, somebody writes there meanwhile, or the courier comes again.
  private mutating func interfere(in store: InMemoryStore) {
    let what = input.next() ?? 0
    switch what {
    case ..<64: link = Self.link(from, to, setting, tokens)
    case ..<128:
      for end in RelayEnd.allCases {
        guard let frame = link.takeFrame(for: end) else { continue }
        link.office(end).receive(input.changed(frame))
      }
    default:
      let id = ["a", "b", "g"][Int(what) % 3]
      Scene.write(id, "title", .integer(Int64(what)), in: store)
    }
  }

  func check() {
    for store in [from, to] {
      let damage = store.audit()
      require(damage.isEmpty, "a store is damaged: \(damage)")
    }
  }
}
