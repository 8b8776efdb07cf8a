import Dispatch
import Synchronization

/// Tells of a write at once, and again a little later.
///
/// SQLite writes to its log, waits until that is on the disk, and only then lets others see it: whoever looks at the first sign
/// may look too early, and no other sign would come.
///
/// Unchecked: a dispatch source is set and cancelled from any thread, and that is all that is done with it.
final class Echo: @unchecked Sendable {
  /// After a sign, if no other comes. A disk that takes longer is broken.
  private let pauses: [DispatchTimeInterval]

  private let onSign: @Sendable () -> Void
  private let timer: any DispatchSourceTimer
  private let step = Mutex(0)

  /// - Parameters:
  ///   - pauses: not empty.
  ///   - onSign: called on any queue; it must not block.
  init(
    after pauses: [DispatchTimeInterval] = [.milliseconds(100), .seconds(1), .seconds(10)],
    _ onSign: @escaping @Sendable () -> Void
  ) {
    self.pauses = pauses
    self.onSign = onSign
    // Not one that the processors share: libdispatch looks at the threads of those every second, for as long as the process lives.
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "officesync.echo"))
    timer.setEventHandler { [weak self] in self?.repeated() }
    timer.resume()
  }

  deinit { timer.cancel() }

  func begin() {
    step.withLock { $0 = 0 }
    timer.schedule(deadline: .now() + pauses[0])
    onSign()
  }

  private func repeated() {
    let next = step.withLock { step in
      step += 1
      return step
    }
    if next < pauses.count { timer.schedule(deadline: .now() + pauses[next]) }
    onSign()
  }
}
