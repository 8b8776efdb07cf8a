import Foundation
import OfficeSyncCommandSupport
import OfficeSyncTestSupport
import Testing

@Suite struct RunLockTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aSecondRunIsToldWhoHoldsIt() async throws {
    let path = folder("lock")
    let first = try await RunLock.acquire(path)
    let error = await #expect(throws: CommandError.self) { try await RunLock.acquire(path) }
    #expect(error?.status == .busy)
    #expect(error?.name == "busy")
    #expect(error?.message == "Another run (process \(getpid())) holds the lock \(path).")
    withExtendedLifetime(first) {}
  }

  @Test func itIsFreeAgainAfterwards() async throws {
    let path = folder("lock")
    for _ in 0..<2 {
      try await RunLock.with(path) {
        await #expect(throws: CommandError.self) { try await RunLock.acquire(path) }
      }
    }
    #expect(mode(of: path) == 0o600)
  }

  @Test func whoWaitsGetsIt() async throws {
    let path = folder("lock")
    var first: RunLock? = try await RunLock.acquire(path)
    async let second = RunLock.acquire(path, wait: .seconds(60))
    #expect(first != nil)
    first = nil
    withExtendedLifetime(try await second) {}
  }

  @Test func waitingEndsWithTheTask() async throws {
    let path = folder("lock")
    let first = try await RunLock.acquire(path)
    let waiting = Task { try await RunLock.acquire(path, wait: .seconds(3600)) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    withExtendedLifetime(first) {}
  }

  @Test func anotherProcessHoldsItToo() async throws {
    let path = folder("lock")
    let output = folder("output")
    let other = try ChildProcess(
      ["flock", path, "sh", "-c", "echo held; read line"], input: .open, output: output,
      errors: output)
    while other.isRunning, try String(contentsOfFile: output, encoding: .utf8) != "held\n" {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(other.isRunning)
    let error = await #expect(throws: CommandError.self) { try await RunLock.acquire(path) }
    #expect(error?.message == "Another run holds the lock \(path).")
    other.endInput()
    // `read` found the end.
    #expect(other.waited() == 1)
    withExtendedLifetime(try await RunLock.acquire(path)) {}
  }
}
