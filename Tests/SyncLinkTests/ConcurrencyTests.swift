import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

/// An office on a busy morning.
@Suite(.timeLimit(.minutes(10))) struct ConcurrencyTests {
  private static let devices = 10
  private static let rounds = 4

  /// Devices and offices sync at once, again and again, while people write at each of them, at the office through its
  /// server's own store and through another one on the same file, as a command beside the server does.
  @Test func manySessionsWhileEverybodyWrites() async throws {
    let organisation = try Organisation()
    let office = try Site("office/rabat", in: organisation)
    try office.grant("field/*", .projects, .write)
    let desk = try SQLiteStore.open(folder: office.folder.path)
    let devices = try (0..<Self.devices).map { try Site("field/d\($0)", in: organisation) }
    let offices = try ["office/fes", "office/oujda"].map { try Site($0, in: organisation) }
    let others = devices + offices
    try await office.serving { running in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for site in others {
          group.addTask {
            for round in 0..<Self.rounds {
              try site.put("\(site.identity.name)-\(round)", ["x": "\(round)"])
              try site.put("shared", ["by": site.identity.name, site.identity.name: "\(round)"])
              let report = try await site.sync(port: running.port)
              #expect(
                report.failure == nil, "\(site.identity) \(String(describing: report.failure))")
            }
          }
        }
        group.addTask {
          for number in 0..<40 {
            try office.put("office-\(number)", ["x": "\(number)"])
            await Task.yield()
          }
        }
        group.addTask {
          for number in 0..<40 {
            try desk.write(to: .projects, wallMilliseconds: wallClock(), note: "") { writer in
              _ = try writer.put(
                RecordID("desk-\(number)"),
                changes: [(try FieldPath("x"), .value(.text("\(number)")))], context: nil)
            }
            await Task.yield()
          }
        }
        try await group.waitForAll()
      }
      // Everybody has written: once round to bring it all in, and once to carry it out.
      for _ in 0..<2 {
        for site in others { _ = try await site.sync(port: running.port) }
      }
      for site in others {
        #expect(try await site.sync(port: running.port).outcome?.inSync == true)
      }
    }
    let whole = try office.snapshot()
    #expect(whole.recordCount == UInt64(others.count * Self.rounds + 80 + 1))
    #expect(try office.values("shared", "by").count <= others.count)
    for site in others {
      let held = try site.snapshot()
      #expect(try held.condition == whole.condition)
      #expect(try held.knowledge.vector == whole.knowledge.vector)
      #expect(try office.values("shared", site.identity.name) == ["\(Self.rounds - 1)"])
    }
  }
}
