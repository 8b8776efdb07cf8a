import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Kills a program in the middle of its work, and knows what must be there afterwards.
final class Killer {
  /// How often each test has to hit: `OFFICESYNC_KILL_ROUNDS`.
  static let rounds = Int(ProcessInfo.processInfo.environment["OFFICESYNC_KILL_ROUNDS"] ?? "") ?? 3
  /// So many blows that hit nothing are one too many.
  private static let missesMax = 20
  private static let rows = 6_000

  private let mesh: Mesh
  private var files = 0
  private var writes = 0
  private var delayMicrosecondsMax: UInt32 = 500_000
  /// Records whose `put` exited 0, with the store where it did.
  private(set) var acknowledged: [(id: String, store: String)] = []

  init(_ mesh: Mesh) { self.mesh = mesh }

  /// A CSV with records that no other file of this test has.
  func freshFile() throws -> (name: String, rows: Int) {
    files += 1
    let text = String(repeating: "convention signée ", count: 12)
    let rows = (0..<Self.rows).map { "F\(files)-\($0),Projet \($0),\(text)\n" }
    let name = "fresh-\(files).csv"
    try ("id,title,note\n" + rows.joined()).write(
      toFile: "\(mesh.path)/\(name)", atomically: true, encoding: .utf8)
    return (name, Self.rows)
  }

  /// One blow that hits: lets `round` try until it says that something was in flight.
  func untilHit(_ round: () throws -> Bool) throws {
    for _ in 0..<Self.missesMax where try round() { return }
    Issue.record("no kill hit anything in flight")
  }

  /// Waits until `store` is written to, has a `put` of `author` acknowledged meanwhile, and kills `victim` a moment
  /// later.
  ///
  /// - Parameter worker: whose work is to be hit; it must not have ended by then.
  /// - Returns: whether it had not.
  func strike(
    _ victim: RunningProgram, atWorkOf worker: RunningProgram, on store: String,
    acknowledging author: String
  ) throws -> Bool {
    let before = logChange(of: store)
    while worker.process.isRunning, logChange(of: store) == before { usleep(1_000) }
    writes += 1
    let id = "put-\(writes)"
    try mesh.must("syncclient", "put", "--data", author, "projects", id, "title=Acknowledged")
    acknowledged.append((id, author))
    usleep(UInt32.random(in: 0...delayMicrosecondsMax))
    let isInTime = worker.process.isRunning
    let status = victim.end(with: SIGKILL)
    let isHit = isInTime && status == 128 + SIGKILL
    if !isHit { delayMicrosecondsMax /= 2 }
    return isHit
  }

  /// What the store's write-ahead log shows of a write.
  private func logChange(of store: String) -> [Int] {
    var status = stat()
    guard stat("\(mesh.path)/\(store)/store.sqlite-wal", &status) == 0 else { return [] }
    return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }

  // MARK: Afterwards

  /// SQLite itself finds nothing wrong, and each acknowledged write is where it was made.
  func expectNothingLost(in stores: [String]) throws {
    for store in stores {
      let check = try mesh.must(
        "python3", "-c",
        "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check'))",
        "\(store)/store.sqlite")
      #expect(check.output == "('ok',)\n")
    }
    for write in acknowledged where stores.contains(write.store) {
      let title = try mesh.record(write.id, in: write.store)["fields"]?["title"]?.text
      #expect(title == "Acknowledged", "\(write)")
    }
  }

  func count(in store: String) throws -> Int {
    let status = try mesh.must("syncclient", "status", "--data", store, "--json").json
    return status.collection("projects")?["records"]?.int ?? 0
  }
}
