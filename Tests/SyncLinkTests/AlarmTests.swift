import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import OfficeSyncSyncLink

/// Time passes here as the test says.
@Suite struct AlarmTests {
  private let loop = NIOAsyncTestingEventLoop()

  @Test func itRingsAgainWhenItSaidSo() async throws {
    let (rings, rung) = AsyncStream.makeStream(of: Int.self)
    let count = Mutex(0)
    let alarm = Alarm(on: loop, in: .seconds(3)) {
      let number = count.withLock { count in
        count += 1
        return count
      }
      rung.yield(number)
      return number < 3 ? .seconds(10) : nil
    }
    var told = rings.makeAsyncIterator()
    await loop.advanceTime(by: .milliseconds(2_999))
    #expect(count.withLock { $0 } == 0)
    await loop.advanceTime(by: .milliseconds(1))
    #expect(await told.next() == 1)
    for number in 2...3 {
      // It is set anew by a task of its own, after it has rung.
      while count.withLock({ $0 }) < number { await loop.advanceTime(by: .seconds(1)) }
      #expect(await told.next() == number)
    }
    await loop.advanceTime(by: .seconds(100))
    #expect(count.withLock { $0 } == 3)
    alarm.cancel()
    await loop.shutdownGracefully()
  }

  @Test func oneThatIsCancelledIsSilent() async throws {
    let count = Mutex(0)
    let alarm = Alarm(on: loop, in: .seconds(3)) {
      count.withLock { $0 += 1 }
      return nil
    }
    alarm.cancel()
    await loop.advanceTime(by: .seconds(100))
    #expect(count.withLock { $0 } == 0)
    await loop.shutdownGracefully()
  }
}
