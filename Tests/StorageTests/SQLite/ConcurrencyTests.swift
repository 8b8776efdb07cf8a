import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Several threads, instances and processes on one store at once.
@Suite struct ConcurrencyTests {
  private let folder: TestFolder
  private let replica: ReplicaInfo

  init() throws {
    folder = try TestFolder()
    replica = try .rabat()
  }

  @Test func writersOnTwoInstancesTakeTurns() async throws {
    let first = try SQLiteStore.create(folder: folder.path, replica: replica)
    let second = try SQLiteStore.open(folder: folder.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (name, store) in [("a", first), ("b", second), ("c", first)] {
        group.addTask {
          for number in 0..<40 { try store.put("\(name)\(number)", ["x": "\(number)"]) }
        }
      }
      group.addTask {
        for _ in 0..<40 { try audit(second.snapshot(of: .projects)) }
      }
      try await group.waitForAll()
    }
    let snapshot = try first.snapshot(of: .projects)
    #expect(snapshot.recordCount == 120)
    #expect(try snapshot.knowledge.vector[replica.id] == 120)
    try audit(snapshot)
  }

  @Test func aSessionSnapshotIsStampedThoughOthersWriteOn() async throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: replica)
    let other = try SQLiteStore.open(folder: folder.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for number in 0..<60 { try other.put("a", ["x": "\(number)"]) } }
      group.addTask {
        for _ in 0..<60 {
          let snapshot = try store.sessionSnapshot(of: .projects, wallMilliseconds: 1_000) {
            randomToken()
          }
          #expect(try snapshot.knowledge.isStamped)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func twoProcessesWriteAtOnce() async throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: replica)
    let path = folder.path
    async let child: Void = expectSuccessOfAChild(writingTo: path)
    for number in 0..<100 {
      try store.put("parent\(number)", ["x": "1"])
      await Task.yield()
    }
    await child
    let snapshot = try store.snapshot(of: .projects)
    #expect(snapshot.recordCount == 200)
    #expect(try snapshot.knowledge.vector[replica.id] == 200)
    try audit(snapshot)
  }

  private func expectSuccessOfAChild(writingTo path: String) async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      let store = try SQLiteStore.open(folder: path)
      for number in 0..<100 { try store.put("child\(number)", ["x": "1"]) }
    }
  }
}
