import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

/// A link that breaks costs next to nothing: what came is kept, and is not carried again.
///
/// `scripts/interruptions` runs the same at full size.
@Suite(.timeLimit(.minutes(240))) struct InterruptionTests {
  /// From one place of a cut to the next, in bytes.
  private static let step = number("OFFICESYNC_CUT_STRIDE") ?? 307
  private static let cuts = number("OFFICESYNC_CUTS") ?? 20

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
  }

  let office: Site
  let organisation: Organisation
  /// Every device's: certificates are of slightly different length, and to issue one takes longer than a sync.
  let certificate: TestPKI.Issued

  init() throws {
    organisation = try Organisation()
    office = try Site("office/rabat", in: organisation)
    try office.grant("field/*", .projects, .write)
    certificate = try organisation.issue(for: Identity("field/amina"))
  }

  private func newDevice() throws -> Site {
    try Site("field/amina", in: organisation, certificate: certificate)
  }

  /// On a machine that has no time for it a handshake may take minutes.
  private static func patient(_ settings: inout SyncListener.Settings) {
    settings.handshakeTime = .seconds(120)
    settings.helloTime = .seconds(120)
  }

  /// Laptops that sync at the same time, as most of a cut sync is waiting.
  private static let lanes = 8

  /// The first sync of a laptop, 20 kB, broken off after each number of bytes that it can be broken off after, and done
  /// again.
  @Test func aFirstSyncCutAnywhereIsCompleteTheNextTime() async throws {
    try office.fill(26, prefix: "p")
    let start = Int.random(in: 1...Self.step)
    // Each place has a laptop of its own.
    let (cuts, whole, resent) = try await office.serving(replicasPerDay: 100_000, Self.patient) {
      running in
      let whole = try await CuttingProxy.before(port: running.port) { proxy in
        try await bytes(of: try newDevice(), through: proxy)
      }
      #expect((16_000...24_000).contains(whole))
      return try await withThrowingTaskGroup(of: [Int].self) { group in
        for lane in 0..<Self.lanes {
          let places = stride(
            from: start + lane * Self.step, to: whole, by: Self.lanes * Self.step)
          group.addTask { try await self.cut(at: Array(places), of: whole, port: running.port) }
        }
        let resent = try await group.reduce(into: []) { $0 += $1 }
        return (resent.count, whole, resent)
      }
    }
    let mean = resent.reduce(0, +) / max(1, cuts)
    print(
      "a first sync of \(whole) bytes, cut after each of \(cuts) numbers of bytes: "
        + "\(mean) bytes more on the average, \(resent.max() ?? 0) at most")
  }

  /// - Returns: for each place, how many bytes more both syncs carried than one without a cut.
  private func cut(at places: [Int], of whole: Int, port: Int) async throws -> [Int] {
    try await CuttingProxy.before(port: port) { proxy in
      var resent: [Int] = []
      for place in places {
        let start = proxy.carried
        let device = try newDevice()
        proxy.cut(after: place)
        let cut = try await device.sync(port: proxy.port)
        // The last bytes of all are TLS's good-bye, of which no session depends.
        if place < whole - 200 { #expect(cut.failure != nil, "cut after \(place) bytes") }
        proxy.cut(after: nil)
        let rest = try await bytes(of: device, through: proxy)
        #expect(rest <= whole + 200, "cut after \(place) bytes")
        resent.append(proxy.carried - start - whole)
        #expect(try device.snapshot().recordCount == 26)
        #expect(try device.snapshot().condition == office.snapshot().condition)
      }
      return resent
    }
  }

  /// - Returns: what a sync that comes to its end carries.
  private func bytes(of device: Site, through proxy: CuttingProxy) async throws -> Int {
    let before = proxy.carried
    let report = try await device.sync(port: proxy.port)
    #expect(report.failure == nil)
    #expect(report.outcome?.inSync == true)
    return proxy.carried - before
  }

  /// A pull of 500 records between two cuts, on the average: at most five bytes in a hundred are carried twice.
  @Test func aPullCutOftenCarriesLittleTwice() async throws {
    let records = 500 * Self.cuts
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    for start in stride(from: 0, to: records, by: 5_000) {
      try office.fill(min(5_000, records - start), prefix: "p\(start)")
    }
    try await office.serving(Self.patient) { running in
      try await CuttingProxy.before(port: running.port) { proxy in
        let whole = try await bytes(of: try newDevice(), through: proxy)
        let places = (0..<Self.cuts).map { _ in Int.random(in: 0..<whole, using: &random) }.sorted()
        let device = try newDevice()
        let start = proxy.carried
        for place in places {
          let left = start + place - proxy.carried
          guard left > 0 else { continue }
          proxy.cut(after: left)
          let report = try await device.sync(.pull, port: proxy.port)
          #expect(report.failure != nil, "seed \(seed)")
        }
        proxy.cut(after: nil)
        _ = try await bytes(of: device, through: proxy)
        let more = Double(proxy.carried - start - whole) / Double(whole)
        print(
          "\(records) records, \(Self.cuts) cuts: \(whole) bytes without, \(more * 100) % more with"
        )
        #expect(more <= 0.05, "seed \(seed)")
        #expect(try device.snapshot().condition == office.snapshot().condition)
      }
    }
  }
}
