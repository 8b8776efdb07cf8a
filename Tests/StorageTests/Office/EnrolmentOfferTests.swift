import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// A token lets one device in, once, and while it lasts.
@Suite struct EnrolmentOfferTests {
  private let folder: TestFolder
  private let store: SQLiteStore
  private let amina: Identity
  private let secret: [UInt8] = [UInt8](repeating: 1, count: 16)

  init() throws {
    folder = try TestFolder()
    amina = try Identity("field/amina")
    store = try SQLiteStore.create(folder: folder.path, replica: .rabat())
  }

  private func offer(pin: String? = nil, ends: UInt64 = 1_000) throws {
    try store.offer(
      EnrolmentOffer(
        secretHash: EnrolmentToken.hash(ofSecret: secret),
        pinHash: pin.map { EnrolmentToken.hash(ofSecret: secret, pin: $0) }, identity: amina,
        expiresMilliseconds: ends), wallMilliseconds: 0)
  }

  private func claim(
    by key: UInt8, at now: UInt64 = 500, pin: String = "", secret other: [UInt8]? = nil
  ) throws -> EnrolmentClaim {
    try store.claimEnrolment(
      secretHash: EnrolmentToken.hash(ofSecret: other ?? secret),
      pinHash: EnrolmentToken.hash(ofSecret: other ?? secret, pin: pin),
      for: EnrolmentOffer.Use(
        milliseconds: now, address: "192.0.2.\(key):1", keyHash: [UInt8](repeating: key, count: 32))
    )
  }

  @Test func theFirstDeviceGetsItAndNoOther() throws {
    try offer()
    #expect(try claim(by: 1, secret: [UInt8](repeating: 2, count: 16)) == .unknown)
    #expect(try claim(by: 1) == .granted(amina))
    guard case .used(amina, let first) = try claim(by: 2) else {
      Issue.record("a second device was let in")
      return
    }
    #expect(first.address == "192.0.2.1:1")
    #expect(first.milliseconds == 500)
    #expect(try store.enrolmentOffers().map(\.use) == [first])
  }

  /// The answer was lost on its way: the device is the same.
  @Test func theSameDeviceGetsItAgainWhileItLasts() throws {
    try offer()
    #expect(try claim(by: 1, at: 500) == .granted(amina))
    #expect(try claim(by: 1, at: 999) == .granted(amina))
    #expect(try claim(by: 1, at: 1_000) == .expired(amina))
  }

  @Test func itEnds() throws {
    try offer()
    #expect(try claim(by: 1, at: 1_000) == .expired(amina))
    #expect(try claim(by: 1, at: 999) == .granted(amina))
  }

  @Test func aFewWrongNumbersEndIt() throws {
    try offer(pin: "012345")
    for number in ["", "12345", "0123456"] {
      #expect(try claim(by: 1, pin: number) == .wrongPIN(amina))
    }
    #expect(try claim(by: 1, pin: "012345") == .granted(amina))
    for _ in 3..<EnrolmentOffer.wrongPINsMax {
      #expect(try claim(by: 1, pin: "0") == .wrongPIN(amina))
    }
    #expect(try claim(by: 1, pin: "012345") == .exhausted(amina))
  }

  @Test func itCanBeTakenBack() throws {
    try offer()
    #expect(try store.withdrawEnrolments(of: Identity("field/karim")) == 0)
    #expect(try store.withdrawEnrolments(of: amina) == 1)
    #expect(try claim(by: 1) == .unknown)
  }

  @Test func whatWasUsedIsRememberedForATimeAndThenForgotten() throws {
    try offer()
    #expect(try claim(by: 1) == .granted(amina))
    #expect(try store.withdrawEnrolments(of: amina) == 0)
    func offerAnother(_ number: UInt8, at now: UInt64) throws {
      try store.offer(
        EnrolmentOffer(
          secretHash: [UInt8](repeating: number, count: 32), pinHash: nil, identity: amina,
          expiresMilliseconds: now + 1), wallMilliseconds: now)
    }
    let days90: UInt64 = 90 * 86_400_000
    try offerAnother(7, at: 1_000 + days90)
    #expect(try store.enrolmentOffers().count == 2)
    try offerAnother(8, at: 1_001 + days90)
    #expect(try store.enrolmentOffers().count == 2)
  }

  /// The original may have let somebody in with them since.
  @Test func aStorePutBackFromACopyKnowsNoOpenTokens() throws {
    try store.put("a", ["x": "1"])
    try offer()
    let copy = try TestFolder()
    try store.backUp(to: "\(copy.path)/copy.sqlite", replacing: false)
    _ = try StoreRestore(
      from: "\(copy.path)/copy.sqlite", into: "\(copy.path)/restored", replacing: false,
      nowMilliseconds: 0, accept: { _ in })
    let restored = try SQLiteStore.open(folder: "\(copy.path)/restored")
    #expect(try restored.enrolmentOffers().isEmpty)
    #expect(try store.enrolmentOffers().count == 1)
  }
}
