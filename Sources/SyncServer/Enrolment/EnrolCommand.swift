import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

struct EnrolCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "enrol",
    abstract: "Give out a token with which a field device gets its certificate.",
    usage: """
      syncserver enrol field/NAME [--collections COLLECTION ...] [--read] [--write] [--valid 24h] [--pin]
      syncserver enrol field/NAME --withdraw
      syncserver enrol --list
      """,
    discussion: """
      Who has the token can be the device, once: send it to nobody else. With --pin a number has to be told as well. The \
      key is made on the device, with `syncclient enrol TOKEN`. Needs the authority that `syncserver pki enrolment` makes.

      Example: syncserver enrol field/amina --collections casablanca-settat --pin
      Example: syncserver enrol --list
      """)

  @Argument(help: "field/NAME.")
  var identity: String?

  @Option(
    parsing: .upToNextOption,
    help: .init(
      "What the device may reach, besides what it is granted already.", valueName: "collection"))
  var collections: [String] = []

  @Flag(help: "Let it read these.")
  var read = false

  @Flag(help: "Let it write these, which includes reading. Neither flag means both.")
  var write = false

  @Option(
    name: .customLong("valid"),
    help: .init("How long the token is good: minutes, hours or days.", valueName: "24h"))
  var life = TokenLife.standard

  @Flag(help: "Ask for a number, too, that is told separately.")
  var pin = false

  @Option(
    help: .init(
      "Where the device reaches this office. Default: what its certificate names.",
      valueName: "host:port"))
  var address: String?

  @Flag(help: "List the tokens that were given out.")
  var list = false

  @Flag(help: "Take back the identity's tokens that were not used yet.")
  var withdraw = false

  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard list || identity != nil else { throw ValidationError("Name the device: field/NAME.") }
    if list && (withdraw || identity != nil) {
      throw ValidationError("--list takes no identity, and not --withdraw.")
    }
    if collections.isEmpty && (read || write) {
      throw ValidationError("--read and --write are about --collections.")
    }
  }

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    guard let identity else { return try showAll(office, console) }
    let device = try Identity(argument: identity)
    guard device.role == .field else { throw CommandError.notAFieldDevice(device) }
    if withdraw { return try withdraw(device, office, console) }
    guard AuthorityFolder(path: office.folder.enrolment).exists else {
      throw CommandError.noEnrolment(at: office.folder.enrolment, office.replica.identity)
    }
    try give(device, office, console)
  }

  private func give(_ device: Identity, _ office: OfficeStore, _ console: Console) throws {
    let scopes = try collections.map(Grant.Scope.init(argument:))
    let maker = TokenMaker(
      settings: try RunSettings(folder: office.folder, certificates: certificates))
    var generator = SystemRandomNumberGenerator()
    let number = pin ? TokenMaker.pin(using: &generator) : nil
    let now = wallMilliseconds()
    let (token, offer) = try maker.make(
      for: device, at: maker.address(address), pin: number, until: now + life.milliseconds,
      using: &generator)
    let access: Access = read && !write ? .read : .write
    let grants = scopes.map { Grant(subject: .identity(device), scope: $0, access: access) }
    let end = Date(milliseconds: offer.expiresMilliseconds)
    let note = try author.note()
    let what = [
      JSONMember("identity", .string(device.description)),
      JSONMember("expires", .string(end.formatted(.iso8601))),
      JSONMember("pin", .boolean(number != nil)),
      JSONMember("collections", .array(scopes.map { .string($0.description) })),
      JSONMember("write", .boolean(access.mayWrite)),
    ]
    try office.recording("enrol", by: note, what) {
      for grant in grants {
        try office.store.grant(grant, note: note, wallMilliseconds: now)
      }
      try office.store.offer(offer, wallMilliseconds: now)
    }

    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("identity", .string(device.description)),
        JSONMember("token", .string(token.text)),
        JSONMember("pin", number.map { .string($0) } ?? .null),
        JSONMember("expires", .string(end.formatted(.iso8601))),
        JSONMember(
          "address",
          .string(NetworkAddress(host: token.host, port: token.port).description)),
      ]))
    for grant in grants { try console.print(AccessTexts.stands(grant)) }
    try console.print(EnrolTexts.token(for: device, until: end))
    try console.print("\(token.text)")
    if let number { try console.print(EnrolTexts.pin(number)) }
    console.next(NextSteps.enrol)
  }

  private func withdraw(_ device: Identity, _ office: OfficeStore, _ console: Console) throws {
    let whom = [JSONMember("identity", .string(device.description))]
    let count = try office.recording("enrol --withdraw", by: author.note(), whom) {
      try office.store.withdrawEnrolments(of: device)
    }
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("identity", .string(device.description)),
        JSONMember("withdrawn", .number(String(count))),
      ]))
    try console.print(EnrolTexts.withdrawn(count, of: device))
  }

  private func showAll(_ office: OfficeStore, _ console: Console) throws {
    let offers = try office.store.enrolmentOffers()
    for offer in offers { try console.line(.object(offer.members)) }
    if offers.isEmpty { return try console.print(EnrolTexts.none) }
    var table = console.table([
      Table.Column(EnrolTexts.columnIdentity, isKept: true),
      Table.Column(EnrolTexts.columnExpires), Table.Column(EnrolTexts.columnUsed),
      Table.Column(EnrolTexts.columnAddress),
    ])
    for offer in offers {
      try table.add([
        offer.identity.description,
        Date(milliseconds: offer.expiresMilliseconds).formatted(.iso8601),
        offer.use.map { Date(milliseconds: $0.milliseconds).formatted(.iso8601) } ?? "",
        offer.use?.address ?? "",
      ])
    }
    try table.finish()
  }
}

extension EnrolmentOffer {
  fileprivate var members: [JSONMember] {
    let used = use.map { Date(milliseconds: $0.milliseconds).formatted(.iso8601) }
    return [
      JSONMember("identity", .string(identity.description)),
      JSONMember(
        "expires", .string(Date(milliseconds: expiresMilliseconds).formatted(.iso8601))),
      JSONMember("pin", .boolean(pinHash != nil)),
      JSONMember("used", used.map { .string($0) } ?? .null),
      JSONMember("address", use.map { .string($0.address) } ?? .null),
    ]
  }
}

extension Date {
  fileprivate init(milliseconds: UInt64) {
    self.init(timeIntervalSince1970: Double(milliseconds) / 1_000)
  }
}
