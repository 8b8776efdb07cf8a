/// Files of the repository that tests read.
public enum RepositoryFiles {
  /// The repository's root, found from where this file stands.
  public static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

  public static func path(_ relative: String) -> String { "\(root)/\(relative)" }
}
