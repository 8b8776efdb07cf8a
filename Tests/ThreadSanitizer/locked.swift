// Four threads that wait for one lock. There is no race.
import Foundation
import Synchronization

let list = Mutex<[Int]>([])
let threads = (0..<4).map { _ in
  Thread {
    for number in 0..<20_000 {
      list.withLock { $0 = $0.count < 10 ? $0 + [number] : [] }
    }
  }
}
for thread in threads { thread.start() }
while !threads.allSatisfy(\.isFinished) { usleep(1_000) }
