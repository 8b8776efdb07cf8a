import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

@testable import syncserver

/// Each check of `syncserver doctor`, over facts that are handed in.
@Suite struct DoctorCheckTests {
  private static let day: Int64 = 86_400
  /// 2026-11-24T09:30:00Z
  private static let now: Int64 = 1_795_512_600

  private func grades(_ findings: [Finding]) -> [String] {
    findings.map { "\($0.check.rawValue) \($0.grade.rawValue)" }
  }

  // MARK: Certificates

  private func terms(_ change: (inout CertificateTerms) -> Void = { _ in }) -> [String] {
    var terms = CertificateTerms(
      endSeconds: Self.now + 200 * Self.day, authorityEndSeconds: Self.now + 2_000 * Self.day,
      listDueSeconds: Self.now + 100 * Self.day, hasHostNames: true, mayServe: true)
    change(&terms)
    return grades(terms.findings(at: Self.now))
  }

  @Test func certificates() {
    let (well, list) = ("authority ok", "revocation-list ok")
    #expect(terms() == ["certificate ok", well, list])
    #expect(
      terms { $0.endSeconds = Self.now + 14 * Self.day - 1 } == ["certificate warning", well, list])
    #expect(terms { $0.hasHostNames = false } == ["certificate problem", well, list])
    #expect(
      terms {
        $0.mayServe = false
        $0.endSeconds = Self.now
      } == ["certificate problem", "certificate warning", well, list])
    #expect(
      terms { $0.authorityEndSeconds = Self.now + 89 * Self.day }
        == ["certificate ok", "authority warning", list])
  }

  @Test func revocationLists() {
    let lists: [Int64?] = [nil, 13, -1, 14]
    let found = lists.map { days in
      terms { $0.listDueSeconds = days.map { Self.now + $0 * Self.day } }.last
    }
    #expect(
      found == [
        "revocation-list warning", "revocation-list warning", "revocation-list problem",
        "revocation-list ok",
      ])
  }

  /// With `strict-crl` what is a warning otherwise keeps everybody out.
  @Test func strictRevocationLists() {
    let lists: [Int64?] = [nil, 13, -1, 14]
    let found = lists.map { days in
      terms {
        $0.requiresCurrentList = true
        $0.listDueSeconds = days.map { Self.now + $0 * Self.day }
      }.last
    }
    #expect(
      found == [
        "revocation-list problem", "revocation-list warning", "revocation-list problem",
        "revocation-list ok",
      ])
  }

  @Test(arguments: [(31, "ok"), (30, "ok"), (29, "warning"), (0, "problem"), (-1, "problem")])
  func enrolmentAuthorities(_ days: Int64, _ grade: String) {
    let terms = EnrolmentTerms(endSeconds: Self.now + days * Self.day)
    #expect(grades([terms.finding(at: Self.now)]) == ["enrolment \(grade)"])
  }

  // MARK: Clock

  @Test func clocks() {
    let now = UInt64(Self.now) * 1_000
    func grade(newest: UInt64, program: UInt64 = 0) -> Finding.Grade {
      ClockReading(now: now, newest: newest, program: program).finding.grade
    }
    #expect(grade(newest: 0) == .ok)
    #expect(grade(newest: now + 300_000) == .ok)
    #expect(grade(newest: now + 300_001) == .problem)
    #expect(grade(newest: .max >> 16) == .problem)
    #expect(grade(newest: now, program: now) == .ok)
    #expect(grade(newest: now, program: now + 1) == .problem)
    let finding = ClockReading(now: now, newest: now + 600_000, program: 0).finding
    #expect(finding.message.contains("2026-11-24T09:30:00.000Z"))
    #expect(finding.message.contains("2026-11-24T09:40:00.000Z"))
  }

  // MARK: Disk and database

  @Test func disks() {
    func grade(free: UInt64) -> Finding.Grade {
      DiskCheck(
        space: DiskSpace(freeBytes: free, totalBytes: 1_000), reserve: DiskReserve(percent: 10)
      ).finding.grade
    }
    #expect(grade(free: 99) == .problem)
    #expect(grade(free: 100) == .warning)
    #expect(grade(free: 199) == .warning)
    #expect(grade(free: 200) == .ok)
    #expect(DiskCheck(space: nil, reserve: .standard).finding.grade == .warning)
  }

  private func health(_ change: (inout StoreHealth) -> Void = { _ in }) -> Finding {
    var health = StoreHealth(
      problems: [], fileBytes: 1 << 20, logBytes: 0, journalMode: "wal", synchronous: 2,
      applicationID: StoreHealth.officeSync, newestMilliseconds: 0)
    change(&health)
    return health.finding
  }

  @Test func databases() {
    #expect(health().grade == .ok)
    let damaged = health { $0.problems = ["row 7 missing from index", "another"] }
    #expect(damaged.grade == .problem)
    #expect(damaged.message.contains("in 2 places, the first: row 7 missing from index"))
    #expect(damaged.remedy?.contains("verify --local") == true)
    #expect(health { $0.applicationID = 0 }.grade == .problem)
    #expect(health { $0.journalMode = "delete" }.grade == .problem)
    #expect(health { $0.synchronous = 1 }.grade == .problem)
    #expect(health { $0.logBytes = 256 << 20 }.grade == .ok)
    #expect(health { $0.logBytes = 256 << 20 + 1 }.grade == .warning)
  }

  // MARK: Permissions

  private func rights(
    _ mode: mode_t, owner: uid_t = 7, isPublic: Bool = false
  ) -> FileRights {
    FileRights(
      path: "/s/a b", status: FileStatus(mode: mode, owner: owner), isPublic: isPublic)
  }

  @Test func permissions() {
    #expect(grades(FileRights.findings([rights(0o600)], for: 7)) == ["permissions ok"])
    #expect(grades(FileRights.findings([], for: 7)) == ["permissions ok"])
    let open = rights(0o644).finding(for: 7)
    #expect(open?.grade == .problem)
    #expect(open?.remedy == "chmod 600 '/s/a b'")
    #expect(rights(0o644, isPublic: true).finding(for: 7) == nil)
    #expect(rights(0o666, isPublic: true).finding(for: 7)?.remedy == "chmod 644 '/s/a b'")
    #expect(rights(0o600, owner: 8).finding(for: 7)?.message == "/s/a b belongs to another user")
    #expect(rights(0o644, owner: 0, isPublic: true).finding(for: 7) == nil)
    #expect(rights(0o600, owner: 0).finding(for: 7)?.grade == .problem)
    // All of them are told.
    #expect(FileRights.findings([rights(0o640), rights(0o600), rights(0o604)], for: 7).count == 2)
  }

  // MARK: Peers

  private let hour: UInt64 = 3_600_000

  private func standing(
    _ peers: [StandingPeerEntry] = [], _ contacts: [Contact] = [], met: [Peer] = []
  ) throws -> [Finding] {
    let projects = try CollectionName("projects")
    return PeerStanding(
      standing: peers, contacts: contacts, met: met,
      known: [projects: VersionVector(Dot(ReplicaID(high: 1, low: 1), 9))]
    ).findings(at: UInt64(Self.now) * 1_000)
  }

  private func contact(_ result: String, hoursAgo: UInt64) -> Contact {
    Contact(
      server: "fes:7443", identity: nil, atMilliseconds: UInt64(Self.now) * 1_000 - hoursAgo * hour,
      result: result)
  }

  @Test func standingPeers() throws {
    #expect(try grades(standing()) == ["peers ok"])
    let live = StandingPeerEntry(server: "fes:7443")
    #expect(try grades(standing([live])) == ["peers warning"])
    #expect(try grades(standing([live], [contact("ok", hoursAgo: 900)])) == ["peers ok"])
    let failing = try standing([live], [contact("certificate-expired", hoursAgo: 1)])
    #expect(grades(failing) == ["peers problem"])
    #expect(failing.first?.remedy?.contains("`certificate-expired`") == true)
    // Of one that is not synced with any more nothing is said.
    #expect(try grades(standing([], [contact("unreachable", hoursAgo: 1)])) == ["peers ok"])

    let hourly = StandingPeerEntry(server: "fes:7443", everySeconds: 3_600)
    #expect(try grades(standing([hourly], [contact("ok", hoursAgo: 3)])) == ["peers ok"])
    #expect(try grades(standing([hourly], [contact("ok", hoursAgo: 4)])) == ["peers warning"])
  }

  @Test func peersThatAreBehind() throws {
    func peer(
      _ identity: String, knows: UInt64, hoursAgo: UInt64, retired: Bool = false
    ) throws -> Peer {
      Peer(
        replica: ReplicaID(high: 2, low: 2), identity: try Identity(identity), name: "fes",
        seenMilliseconds: UInt64(Self.now) * 1_000 - hoursAgo * hour,
        knowledge: [
          try CollectionName("projects"): VersionVector(Dot(ReplicaID(high: 1, low: 1), knows))
        ], retiredMilliseconds: retired ? 1 : nil)
    }
    func found(_ peer: Peer) throws -> [String] { try grades(standing(met: [peer])) }
    #expect(try found(peer("office/fes", knows: 9, hoursAgo: 900)) == ["peers ok"])
    #expect(try found(peer("office/fes", knows: 2, hoursAgo: 24)) == ["peers ok"])
    let late = try standing(met: [peer("office/fes", knows: 2, hoursAgo: 25)])
    #expect(grades(late) == ["peers warning"])
    #expect(late.first?.message.hasSuffix("lacks 7 writes") == true)
    #expect(try found(peer("field/amina", knows: 2, hoursAgo: 900)) == ["peers ok"])
    #expect(
      try found(peer("office/fes", knows: 2, hoursAgo: 900, retired: true)) == ["peers ok"])
  }
}
