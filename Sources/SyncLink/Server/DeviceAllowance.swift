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

  private struct State {
    var perDay: Int
    /// As many as there are devices with certificates.
    var measures: [Identity: Measure] = [:]
  }

  private let state: Mutex<State>

  public init(perDay: Int) {
    state = Mutex(State(perDay: perDay))
  }

  /// Holds so much from now on; what was taken stays taken.
  public func change(perDay: Int) {
    state.withLock { state in
      let more = Double(perDay - state.perDay)
      state.measures = state.measures.mapValues {
        Measure(left: $0.left + more, atMilliseconds: $0.atMilliseconds)
      }
      state.perDay = perDay
    }
  }

  /// Takes so much if one is left; what it is more than that has to be given back first.
  ///
  /// - Returns: whether it was taken. Offices are not measured.
  func take(_ amount: Int, of identity: Identity, atMilliseconds now: UInt64) -> Bool {
    guard identity.role == .field else { return true }
    return state.withLock { state in
      let perDay = Double(state.perDay)
      var measure = state.measures[identity] ?? Measure(left: perDay, atMilliseconds: now)
      // A clock that was set back gives nothing.
      let passed = Double(now > measure.atMilliseconds ? now - measure.atMilliseconds : 0)
      let gained = passed / Self.dayMilliseconds * perDay
      measure.left = min(perDay, measure.left + gained)
      measure.atMilliseconds = now
      let isTaken = measure.left >= 1
      if isTaken { measure.left -= Double(amount) }
      state.measures[identity] = measure
      return isTaken
    }
  }
}
