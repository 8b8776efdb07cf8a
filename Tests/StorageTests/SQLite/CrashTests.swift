import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// A process that is killed while it writes loses nothing that it was told is stored.
@Suite struct CrashTests {
  @Test(arguments: [20, 60, 150])
  func everyAcknowledgedWriteIsThereAfterAKill(milliseconds: UInt32) async throws {
    let folder = try TestFolder()
    let replica = try ReplicaInfo.rabat()
    _ = try SQLiteStore.create(folder: folder.path, replica: replica)
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, milliseconds = milliseconds as UInt32] in
      try CrashTests.writeUntilKilled(folder: path, afterMilliseconds: milliseconds)
    }
    let acknowledged = try String(contentsOfFile: "\(path)/acknowledged", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    // A kill that hit nothing does not count.
    #expect(acknowledged.count > 3)

    let store = try SQLiteStore.open(folder: path)
    for id in acknowledged {
      for element in 0..<3 { #expect(try store.text("\(id)-\(element)", "x") == [id]) }
    }
    let snapshot = try store.snapshot(of: .projects)
    // Whole transactions alone, and at most the one in flight beyond what was acknowledged.
    let transactions = UInt64(acknowledged.count)
    #expect([transactions * 3, transactions * 3 + 3].contains(snapshot.recordCount))
    #expect(try snapshot.knowledge.vector[replica.id] == snapshot.recordCount)
    try audit(snapshot)
    try store.put("after", ["x": "1"])
    try audit(store.snapshot(of: .projects))
  }

  /// Writes three records a transaction, without a pause, noting each transaction when it has returned.
  private static func writeUntilKilled(folder: String, afterMilliseconds: UInt32) throws {
    let store = try SQLiteStore.open(folder: folder)
    try Data().write(to: URL(fileURLWithPath: "\(folder)/acknowledged"))
    let log = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/acknowledged"))
    for number in 0... {
      // Not before a few are through: then it comes at any moment, this thread being always at work.
      if number == 5 {
        Thread.detachNewThread {
          usleep(afterMilliseconds * 1_000)
          kill(getpid(), SIGKILL)
        }
      }
      try store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
        for element in 0..<3 {
          _ = try writer.put(
            RecordID("\(number)-\(element)"), changes: changes(["x": "\(number)"]), context: nil)
        }
      }
      try log.write(contentsOf: Data("\(number)\n".utf8))
    }
  }
}
