import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords

/// A session between two stores, whose messages the input delivers, changes, drops, repeats, and makes up.
///
/// The first byte sets the scene: who the client is, what it wants, whether the office is in recovery. Then each byte is a
/// deed; see ``Meddler``. At the end all that is still under way arrives. Both stores must then be sound by the rules of
/// `verify --local`, and an office may have taken from a device what admission allows and nothing else.
func fuzzSessions(_ bytes: [UInt8]) {
  var input = FuzzInput(bytes)
  guard let setting = input.next() else { return }
  var meddler = Meddler(setting, input)
  meddler.run()
  meddler.check()
}

struct Meddler {
  private let office: InMemoryStore
  private let store: InMemoryStore
  private let clientIsDevice: Bool
  private let comparing: Bool
  private let isRecovering: Bool
  private let tokens = Tokens(2)
  private let before: AdmissionLaw
  private var link: Link
  private var input: FuzzInput

  init(_ setting: UInt8, _ input: FuzzInput) {
    clientIsDevice = setting & 1 == 0
    comparing = setting & 2 != 0
    isRecovering = setting & 4 != 0
    let scene = clientIsDevice ? Scene.withDevice : Scene.withOffice
    office = InMemoryStore(on: InMemoryStore.Disk(scene.officeStore))
    // To compare, both must know the same: a copy of the office's store under the client's name would be a clone.
    store = InMemoryStore(on: InMemoryStore.Disk(scene.clientStore))
    if comparing {
      Link(
        office: office, client: store, comparing: false, isRecovering: false, tokens: tokens
      ).run()
    }
    before = AdmissionLaw(office)
    link = Link(
      office: office, client: store, comparing: comparing, isRecovering: isRecovering,
      tokens: tokens)
    self.input = input
  }

  mutating func run() {
    while let deed = input.next() {
      let (from, to) = deed & 1 == 0 ? (link.client, link.server) : (link.server, link.client)
      switch deed >> 1 & 7 {
      case 0, 1: if let frame = from.takeFrame() { to.receive(frame.encoded) }
      case 2: if let frame = from.takeFrame() { to.receive(input.changed(frame)) }
      case 3: _ = from.takeFrame()
      case 4: if let frame = from.outbox.first { to.receive(frame.encoded) }
      case 5: to.receive(input.madeUpFrame())
      case 6: to.receive(input.take(Int(input.next() ?? 0)))
      default: interfere(in: to.store)
      }
    }
    link.run()
  }

  /// Somebody writes meanwhile, or the link breaks and the client calls again.
  private mutating func interfere(in store: InMemoryStore) {
    let what = input.next() ?? 0
    if what < 128 {
      let id = ["a", "b", "g"][Int(what) % 3]
      Scene.write(id, "title", .integer(Int64(what)), in: store)
    } else {
      link = Link(
        office: office, client: self.store, comparing: comparing, isRecovering: isRecovering,
        tokens: tokens)
    }
  }

  func check() {
    for store in [office, store] {
      let damage = store.audit()
      require(damage.isEmpty, "a store is damaged: \(damage)")
    }
    if clientIsDevice, !isRecovering { before.check(office) }
  }
}
