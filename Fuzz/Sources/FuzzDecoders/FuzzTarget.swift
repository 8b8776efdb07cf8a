/// Every decoder of outside bytes. A new one: a case here, its function in `Targets/`, a folder with a few inputs in
/// `Fuzz/corpus`.
enum FuzzTarget: String, CaseIterable {
  case frames
  case compressed
  case messages
  case records
  case values
  case json
  case csv
  case lines
  case maps
  case schemas
  case names
  case sessions
  case relays
  case files
  case configurations
  case requests
  case revocations
  case enrolment
  case tokens

  /// Any bytes give a value or an error. What must hold of a value is checked; a trap is what the fuzzer looks for.
  func run(_ bytes: [UInt8]) {
    switch self {
    case .frames: fuzzFrames(bytes)
    case .compressed: fuzzCompressed(bytes)
    case .messages: fuzzMessages(bytes)
    case .records: fuzzRecords(bytes)
    case .values: fuzzValues(bytes)
    case .json: fuzzJSON(bytes)
    case .csv: fuzzCSV(bytes)
    case .lines: fuzzLines(bytes)
    case .maps: fuzzMaps(bytes)
    case .schemas: fuzzSchemas(bytes)
    case .names: fuzzNames(bytes)
    case .sessions: fuzzSessions(bytes)
    case .relays: fuzzRelays(bytes)
    case .files: fuzzFiles(bytes)
    case .configurations: fuzzConfigurations(bytes)
    case .requests: fuzzRequests(bytes)
    case .revocations: fuzzRevocations(bytes)
    case .enrolment: fuzzEnrolment(bytes)
    case .tokens: fuzzTokens(bytes)
    }
  }
}

/// Stops the fuzzer with the input that broke a law.
func require(_ holds: Bool, _ law: String) {
  if !holds { fatalError(law) }
}
