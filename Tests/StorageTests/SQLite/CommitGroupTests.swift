import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import OfficeSyncStorage

@Suite struct CommitGroupTests {
  private struct Refused: Error, Equatable { let number: Int }

  private final class Commits: TransactionObserver {
    private(set) var count = 0
    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { count += 1 }
    func databaseDidRollback(_ db: Database) {}
  }

  private let queue: DatabaseQueue
  private let group: CommitGroup
  private let commits = Commits()

  init() throws {
    queue = try DatabaseQueue()
    group = CommitGroup(queue)
    try queue.write { try $0.execute(sql: "CREATE TABLE number (value INTEGER PRIMARY KEY)") }
    queue.add(transactionObserver: commits, extent: .databaseLifetime)
  }

  private static func insert(_ number: Int, in db: Database) throws -> Int {
    try db.execute(sql: "INSERT INTO number VALUES (?)", arguments: [number])
    return number
  }

  /// Numbers 1 to `count` are written while the writer of 0 holds the commit up.
  /// - Returns: what came of each.
  private func write(
    _ count: Int, _ body: @escaping @Sendable (Int, Database) throws -> Int
  ) throws -> [Int: Result<Int, any Error>] {
    let (entered, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let results = Mutex<[Int: Result<Int, any Error>]>([:])
    let finished = DispatchGroup()
    func start(_ number: Int, _ body: @escaping @Sendable (Database) throws -> Int) {
      finished.enter()
      Thread.detachNewThread { [group] in
        let result = Result { try group.write(body) }
        results.withLock { $0[number] = result }
        finished.leave()
      }
    }
    start(0) { db in
      entered.signal()
      goOn.wait()
      return try Self.insert(0, in: db)
    }
    entered.wait()
    for number in 1...count { start(number) { try body(number, $0) } }
    while group.waitingCount < count { usleep(1_000) }
    goOn.signal()
    finished.wait()
    return results.withLock { $0 }
  }

  private func numbers() throws -> [Int] {
    try queue.read { try Int.fetchAll($0, sql: "SELECT value FROM number ORDER BY value") }
  }

  @Test func whoComesMeanwhileSharesACommit() throws {
    let results = try write(8) { try Self.insert($0, in: $1) }
    for number in 0...8 { #expect(try results[number]?.get() == number) }
    #expect(try numbers() == Array(0...8))
    #expect(commits.count == 2)
    #expect(group.waitingCount == 0)
    #expect(try group.write { try Self.insert(9, in: $0) } == 9)
  }

  @Test func nobodyFailsForAnothersSake() throws {
    let results = try write(8) { number, db in
      _ = try Self.insert(number, in: db)
      if number == 5 { throw Refused(number: 5) }
      return number
    }
    for number in [0, 1, 2, 3, 4, 6, 7, 8] { #expect(try results[number]?.get() == number) }
    #expect(throws: Refused(number: 5)) { try results[5]?.get() }
    #expect(try numbers() == [0, 1, 2, 3, 4, 6, 7, 8])
  }

  @Test func aCommitThatFailsFailsForAll() throws {
    try queue.write { db in
      try db.execute(
        sql: """
          CREATE TABLE mark (value INTEGER REFERENCES number (value) DEFERRABLE INITIALLY DEFERRED)
          """)
    }
    let results = try write(3) { number, db in
      if number == 2 { try db.execute(sql: "INSERT INTO mark VALUES (99)") }
      return try Self.insert(number, in: db)
    }
    #expect(try results[0]?.get() == 0)
    for number in 1...3 { #expect(throws: DatabaseError.self) { try results[number]?.get() } }
    #expect(try numbers() == [0])
  }
}
