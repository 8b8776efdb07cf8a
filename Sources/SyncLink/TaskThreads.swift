import Dispatch
import NIOCore
import NIOPosix
@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency

/// Threads of our own for the tasks of a program that waits for years.
///
/// Swift's are libdispatch's, and once those have run a task, libdispatch looks at them every second for as long as the
/// process lives: on an idle server that is all that ever wakes.
///
/// What a program runs its tasks on is not public in Swift yet ("Custom Main and Global Executors", a pitch). With another
/// compiler than the one this was made for, tasks run where Swift has them run, and everything else is the same.
public enum TaskThreads {
  /// Has the process's tasks run here from now on. To be called first of all in `main`, and once.
  public static func install() {
    #if compiler(>=6.3) && compiler(<6.4)
      _createExecutors(factory: Factory.self)
    #endif
  }
}

#if compiler(>=6.3) && compiler(<6.4)
  private enum Factory: ExecutorFactory {
    static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
    static let defaultExecutor: any TaskExecutor = PoolExecutor()
  }

  /// First come, first served.
  private final class PoolExecutor: TaskExecutor, SchedulingExecutor {
    /// A task does not block, so as many as there are cores would do; with a few more the others go on where one computes for long.
    private let threads: NIOThreadPool = {
      let threads = NIOThreadPool(numberOfThreads: System.coreCount + 2)
      threads.start()
      return threads
    }()

    /// Waits in no thread of libdispatch's pool: a serial queue without a target has one of its own while it works.
    private let timers = DispatchQueue(label: "officesync.timers")

    func enqueue(_ job: consuming ExecutorJob) { run(UnownedJob(job)) }

    private func run(_ job: UnownedJob) {
      threads.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    // The time that the machine sleeps does not count, whatever the clock: all our waits are for something to have time to happen.
    func enqueue<C: Clock>(
      _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
    ) {
      let job = UnownedJob(job)
      let time = (delay as? Duration).map { max($0, .zero) / .nanoseconds(1) } ?? 0
      // Centuries are for ever: `DispatchTime` counts nanoseconds in 64 bits.
      let deadline = time < 1e18 ? DispatchTime.now() + .nanoseconds(Int(time)) : .distantFuture
      timers.asyncAfter(deadline: deadline) { self.run(job) }
    }

    func enqueue<C: Clock>(
      _ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C
    ) {
      enqueue(job, after: clock.now.duration(to: instant), tolerance: tolerance, clock: clock)
    }
  }
#endif
