import Foundation

/// How many files and connections this process may have open at once.
enum DescriptorLimit {
  private static let wanted: rlim_t = 65_536
  /// For the database, listeners, logs and libraries.
  private static let kept = 128
  /// A connection and the snapshots of a few collections beside it.
  private static let perConnection = 8
  private static let connections = 16...1_000

  /// Raises the limit as far as the system lets an ordinary process.
  ///
  /// - Returns: the limit now in force.
  static func raise() -> Int {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1_024 }
    let goal = min(limit.rlim_max, max(limit.rlim_cur, wanted))
    if goal > limit.rlim_cur {
      var raised = limit
      raised.rlim_cur = goal
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many connections that is good for.
  static func connectionsMax(descriptors: Int) -> Int {
    let fitting = (descriptors - kept) / perConnection
    return min(max(fitting, connections.lowerBound), connections.upperBound)
  }

  #if os(Linux)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif
}
