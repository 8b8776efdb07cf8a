import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

/// What offices agree on goes from one to the other like any record.
@Suite(.timeLimit(.minutes(2))) struct RegisterTests {
  private let organisation: Organisation
  private let rabat: Site
  private let fes: Site
  private let device: Site

  init() throws {
    organisation = try Organisation()
    rabat = try Site("office/rabat", in: organisation)
    fes = try Site("office/fes", in: organisation)
    device = try Site("field/amina", in: organisation)
  }

  private func meet() async throws {
    try await rabat.serving { running in
      let report = try await fes.sync(port: running.port, nil)
      #expect(report.failure == nil)
      #expect(report.outcomes.allSatisfy { $0.inSync == true })
    }
  }

  private func revoke(at office: Site) throws {
    try office.store.revoke(
      from: .identity(device.identity), scope: .collection(.projects), remaining: .none,
      wallMilliseconds: wallClock())
  }

  private func access(at office: Site) throws -> Access {
    try office.store.access(of: device.identity, to: .projects)
  }

  @Test func aGrantHoldsAtEveryOfficeThatHeardOfIt() async throws {
    try rabat.grant("field/amina", .projects, .write)
    #expect(try access(at: fes) == .none)
    try await meet()
    #expect(try access(at: fes) == .write)
    try device.put("p", ["title": "Future Hub"])
    try await fes.serving { running in
      let deviceReport = try await device.sync(port: running.port)
      #expect(deviceReport.outcome?.inSync == true)
    }
  }

  @Test func aRevocationWinsOverAGrantOfTheSameTime() async throws {
    try rabat.grant("field/amina", .projects, .write)
    try await meet()
    try revoke(at: fes)
    try revoke(at: rabat)
    try rabat.grant("field/amina", .projects, .write)
    try await meet()
    #expect(try access(at: rabat) == .none)
    #expect(try access(at: fes) == .none)
  }

  /// Somebody with a copy of the device's store, and another's certificate, goes to the office that does not know the device.
  @Test func aReplicaOfTwoIdentitiesIsServedToNeither() async throws {
    let thief = try Site("field/salma", in: organisation, replicaID: device.replica.id)
    for office in [rabat, fes] { try office.grant("field/*", .projects, .write) }
    try await rabat.serving { running in
      let deviceReport = try await device.sync(port: running.port)
      #expect(deviceReport.failure == nil)
    }
    try await fes.serving { running in
      let thiefReport = try await thief.sync(port: running.port)
      #expect(thiefReport.failure == nil)
    }
    try await meet()
    for office in [rabat, fes] {
      try await office.serving { running in
        for site in [device, thief] {
          let siteReport = try await site.sync(port: running.port)
          #expect(siteReport.code == .replicaOwnedByAnother)
        }
      }
    }
    // An administrator says whose it is.
    try fes.store.write(to: .office, wallMilliseconds: wallClock(), note: "") { writer in
      _ = try writer.put(
        ReplicaEntry.id(of: device.replica.id),
        changes: ReplicaEntry.owned(by: device.identity), context: nil)
    }
    try await meet()
    for office in [rabat, fes] {
      try await office.serving { running in
        let deviceReport = try await device.sync(port: running.port)
        #expect(deviceReport.failure == nil)
        let thiefReport = try await thief.sync(port: running.port)
        #expect(thiefReport.code == .replicaOwnedByAnother)
      }
    }
  }

  @Test func aReplicaThatOneOfficeRetiredIsRetiredAtAll() async throws {
    try rabat.grant("field/amina", .projects, .write)
    try device.put("p", ["title": "Future Hub"])
    try await rabat.serving { running in
      let deviceReport = try await device.sync(port: running.port)
      #expect(deviceReport.failure == nil)
    }
    _ = try rabat.store.retire(
      device.replica.id, atMilliseconds: 5_000, token: { ReplicaID(short: "token") })
    #expect(try !fes.store.hasRetired(device.replica.id))
    try await meet()
    #expect(try fes.store.hasRetired(device.replica.id))
    let told = try fes.store.peers().first { $0.replica == device.replica.id }
    #expect(told?.identity == device.identity)
    #expect(told?.retiredMilliseconds == 5_000)
    #expect(told?.seenMilliseconds == nil)
  }
}
