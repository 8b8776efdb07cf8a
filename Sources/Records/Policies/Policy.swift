/// The registry of merge policies: their names in schemas, and what each does.
public enum Policy: String, Hashable, Sendable, CaseIterable {
  case latest
  case manual
  case max
  case min
  case set
  case journal

  public var behaviour: any MergePolicy {
    switch self {
    case .latest: LatestPolicy()
    case .manual: ManualPolicy()
    case .max: MaxPolicy()
    case .min: MinPolicy()
    case .set: SetPolicy()
    case .journal: JournalPolicy()
    }
  }
}
