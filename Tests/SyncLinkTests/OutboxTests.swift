import OfficeSyncProtocol
import Synchronization
import Testing

@testable import OfficeSyncSyncLink

@Suite struct OutboxTests {
  private struct LineIsDown: Error {}

  private static func number(of item: Outbound) -> Int {
    if case .frame(let frame) = item { Int(frame.type) } else { -1 }
  }

  private static func frame(_ number: Int) -> Outbound {
    .frame(Frame(type: UInt8(number), body: []))
  }

  /// In order, and what waits while one burst is written goes together.
  @Test func whatWaitsGoesTogether() async throws {
    let (bursts, written) = AsyncStream.makeStream(of: [Int].self)
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let outbox = Outbox { burst in
      written.yield(burst.map(Self.number))
      for await _ in gate { break }
    }
    var told = bursts.makeAsyncIterator()
    outbox.put(Self.frame(1))
    #expect(await told.next() == [1])
    for number in 2...4 { outbox.put(Self.frame(number)) }
    opener.yield()
    #expect(await told.next() == [2, 3, 4])
    opener.yield()
    await outbox.work?.value
    #expect(outbox.work == nil)
    outbox.put(Self.frame(5))
    #expect(await told.next() == [5])
    opener.yield()
    await outbox.work?.value
  }

  @Test func nothingIsWrittenBehindAFailure() async throws {
    let (calls, called) = AsyncStream.makeStream(of: [Int].self)
    let outbox = Outbox { burst in
      called.yield(burst.map(Self.number))
      throw LineIsDown()
    }
    outbox.put(Self.frame(1))
    await outbox.work?.value
    outbox.put(Self.frame(2))
    #expect(outbox.work == nil)
    called.finish()
    var all: [[Int]] = []
    for await call in calls { all.append(call) }
    #expect(all == [[1]])
  }
}
