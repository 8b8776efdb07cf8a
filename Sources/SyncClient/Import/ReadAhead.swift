import Dispatch
import Synchronization

/// Runs a producer of batches on a thread of its own, some batches ahead of whoever takes them: reading a file and storing
/// it keep a core busy each.
enum ReadAhead {
  static let batchesMax = 4

  /// Hands each batch to `take`, in order, on the calling thread, and returns after the last.
  ///
  /// - Throws: what `produce` throws, once what it produced before was taken; what `take` throws, at once: the producer then
  ///   gets an error from the next batch that it hands over.
  static func run<Batch: Sendable>(
    _ produce: @escaping @Sendable (_ hand: (Batch) throws -> Void) throws -> Void,
    _ take: (Batch) throws -> Void
  ) throws {
    let hatch = Hatch<Batch>(places: batchesMax)
    DispatchQueue.global().async {
      hatch.end(Result { try produce(hatch.hand) })
    }
    do {
      while let batch = try hatch.next() { try take(batch) }
    } catch {
      hatch.close()
      throw error
    }
  }
}

/// Where one thread leaves batches and another takes them.
private final class Hatch<Batch: Sendable>: Sendable {
  private struct State {
    /// At most as many as there are places: moving them up costs nothing.
    var batches: [Batch] = []
    var end: Result<Void, any Error>?
    var isClosed = false
  }

  private struct Closed: Error {}

  private let state = Mutex(State())
  private let free = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)

  init(places: Int) {
    // Not as the first value: a semaphore must not end below that.
    for _ in 0..<places { free.signal() }
  }

  func hand(_ batch: Batch) throws {
    free.wait()
    try state.withLock {
      if $0.isClosed { throw Closed() }
      $0.batches.append(batch)
    }
    filled.signal()
  }

  func end(_ result: Result<Void, any Error>) {
    state.withLock { $0.end = result }
    filled.signal()
  }

  /// The next batch; nil after the last.
  /// - Throws: also `CancellationError`
  func next() throws -> Batch? {
    // The producer may wait for a pipe, and is in no task.
    while filled.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
      try Task.checkCancellation()
    }
    let (batch, end) = state.withLock {
      ($0.batches.isEmpty ? nil : $0.batches.removeFirst(), $0.end)
    }
    if let batch {
      free.signal()
      return batch
    }
    try end?.get()
    return nil
  }

  func close() {
    state.withLock { $0.isClosed = true }
    free.signal()
  }
}
