// Four threads that write to one list beside the lock. That is a race.
import Foundation
import Synchronization

final class Lists: @unchecked Sendable {
  let guarded = Mutex<[Int]>([])
  var bare: [Int] = []
}

let lists = Lists()
let threads = (0..<4).map { _ in
  Thread {
    for number in 0..<2_000 {
      lists.guarded.withLock { $0 = [number] }
      if number % 100 == 99 { lists.bare.append(number) }
    }
  }
}
for thread in threads { thread.start() }
while !threads.allSatisfy(\.isFinished) { usleep(1_000) }
