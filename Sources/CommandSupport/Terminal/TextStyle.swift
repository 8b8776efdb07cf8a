/// How outside text is written where a person reads it.
public enum TextStyle: Sendable, Hashable, CaseIterable {
  /// For a locale that is not UTF-8: everything beyond ASCII is escaped.
  case ascii
  /// UTF-8, for files and logs.
  case utf8
  /// UTF-8 on a terminal: right-to-left text stands in bidi isolates, so that it cannot reorder its
  /// neighbours.
  case isolated

  /// The style of the character set that the environment names: `LC_ALL`, else `LC_CTYPE`, else
  /// `LANG`.
  public static func charset(of environment: [String: String]) -> TextStyle {
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    guard let locale else {
      #if os(macOS)
        return .utf8  // Darwin's terminals and file names are UTF-8 whatever the locale says
      #else
        return .ascii
      #endif
    }
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8") ? .utf8 : .ascii
  }
}
