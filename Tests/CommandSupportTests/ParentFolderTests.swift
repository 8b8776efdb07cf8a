import Foundation
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct ParentFolderTests {
  @Test(arguments: [("/a/b", "/a"), ("/a/b/", "/a"), ("/a", "/")])
  func ofAnAbsolutePath(_ path: String, _ parent: String) {
    #expect(SecureFile.parentFolder(of: path) == parent)
  }

  /// One character alone once ended the process.
  @Test(arguments: ["a", "a/", "./a"])
  func ofARelativePath(_ path: String) {
    #expect(SecureFile.parentFolder(of: path) == FileManager.default.currentDirectoryPath)
  }
}
