import NIOCore

/// Plaintext that waits to be encrypted, with the promises of those who wrote it.
///
/// Small writes gather here until a flush, so that they share one record instead of paying 22 bytes each.
struct PendingWrites {
  private var plaintext = ByteBuffer()
  private var promises: [EventLoopPromise<Void>] = []
  private(set) var isEmpty = true

  var bytes: Int { plaintext.readableBytes }

  mutating func append(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>?) {
    if plaintext.readableBytes == 0 {
      plaintext = bytes
    } else {
      plaintext.writeImmutableBuffer(bytes)
    }
    if let promise { promises.append(promise) }
    isEmpty = false
  }

  /// Takes everything; the promise, if any, stands for all of them.
  mutating func take() -> (plaintext: ByteBuffer, promise: EventLoopPromise<Void>?) {
    defer { self = PendingWrites() }
    for other in promises.dropFirst() {
      promises.first?.futureResult.cascade(to: other)
    }
    return (plaintext, promises.first)
  }

  mutating func fail(_ error: any Error) {
    let failed = promises
    self = PendingWrites()
    for promise in failed { promise.fail(error) }
  }
}
