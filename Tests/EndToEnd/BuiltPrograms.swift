import Foundation

/// The programs of this build, which stand beside the test bundle.
enum BuiltPrograms {
  static let folder: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().path
  }()
}
