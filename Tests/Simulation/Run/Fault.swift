/// A kind of trouble. Each seed draws which of them it has.
package enum Fault: String, CaseIterable, Hashable, Sendable {
  /// A connection breaks, also in the middle of a frame.
  case cut
  /// A site is cut off from all others.
  case partition
  /// Bytes go one way alone.
  case oneWay
  /// A program dies: at once, or before or after its next durable step.
  case crash
  /// Durable steps fail until there is room again.
  case diskFull
  /// A wall clock jumps, or runs too fast.
  case clock
  /// A client syncs again while it is syncing.
  case duplicate
  /// A store's copy goes on beside it.
  case clone
  /// A store is put back from an older copy.
  case restore
  /// A grant is taken away, or narrowed; or given back.
  case access
  /// A device is gone for good, with what it had not sent.
  case loss
  /// Somebody writes through a screen from before.
  case staleScreen
}
