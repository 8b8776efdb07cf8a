import OfficeSyncRecords
import Synchronization

/// How much of something field devices may bring within a day: each has a full measure at the beginning, of which a day gives
/// back as much as it holds. It lasts as long as the server does.
public final class DeviceAllowance: Sendable {
  private static let dayMilliseconds: Double = 86_400_000

  private struct Measure {
    var left: Double
    var atMilliseconds: UInt64
  }

  public let perDay: Int
  /// As many as there are devices with certificates.
  private let measures = Mutex<[Identity: Measure]>([:])

  public init(perDay: Int) {
    self.perDay = perDay
  }

  /// Takes so much if one is left; what it is more than that has to be given back first.
  ///
  /// - Returns: whether it was taken. Offices are not measured.
  func take(_ amount: Int, of identity: Identity, atMilliseconds now: UInt64) -> Bool {
    guard identity.role == .field else { return true }
    return measures.withLock { measures in
      var measure = measures[identity] ?? Measure(left: Double(perDay), atMilliseconds: now)
      // A clock that was set back gives nothing.
      let passed = Double(now > measure.atMilliseconds ? now - measure.atMilliseconds : 0)
      let gained = passed / Self.dayMilliseconds * Double(perDay)
      measure.left = min(Double(perDay), measure.left + gained)
      measure.atMilliseconds = now
      let isTaken = measure.left >= 1
      if isTaken { measure.left -= Double(amount) }
      measures[identity] = measure
      return isTaken
    }
  }
}
