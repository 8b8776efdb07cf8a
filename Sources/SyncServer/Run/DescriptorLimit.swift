import Foundation
import OfficeSyncSyncLink

/// How many files and connections this process may have open at once.
enum DescriptorLimit {
  private static let wanted: rlim_t = 65_536
  /// For the database, listeners, logs and libraries.
  private static let kept = 128
  /// A session and the snapshots of a few collections beside it.
  private static let perSession = 8
  /// However few there are.
  private static let least = 16

  /// Raises the limit as far as the system lets an ordinary process.
  ///
  /// - Parameter sessions: how many there may be at once.
  /// - Returns: the limit now in force.
  static func raise(forSessions sessions: Int) -> Int {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1_024 }
    let needed = max(wanted, rlim_t(2 * perSession * sessions))
    let goal = min(limit.rlim_max, max(limit.rlim_cur, needed))
    if goal > limit.rlim_cur {
      var raised = limit
      raised.rlim_cur = goal
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// As much of what is wanted as that is good for.
  static func capacity(
    _ wanted: SyncListener.Capacity, descriptors: Int
  ) -> SyncListener.Capacity {
    var capacity = wanted
    capacity.handshakesMax = min(wanted.handshakesMax, max(descriptors / 4, least))
    let fitting = (descriptors - kept - capacity.handshakesMax) / perSession
    capacity.connectionsMax = min(wanted.connectionsMax, max(fitting, least))
    return capacity
  }

  #if os(Linux)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif
}
