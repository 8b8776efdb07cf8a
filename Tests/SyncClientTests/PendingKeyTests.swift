import Foundation
import OfficeSyncCommandSupport
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// The key of an enrolment that is under way.
@Suite struct PendingKeyTests {
  private let temporary: TestFolder
  private let folder: StoreFolder

  init() throws {
    temporary = try TestFolder()
    folder = StoreFolder(path: temporary.path)
  }

  private func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func itIsItsOwnersAloneAndTakenUpAgain() throws {
    let first = try PendingKey(in: folder)
    #expect(try mode(of: first.path) == 0o600)
    #expect(try PendingKey(in: folder).pem == first.pem)
    first.forget()
    #expect(try PendingKey(in: folder).pem != first.pem)
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o660])
  func oneThatOthersCanReadIsRefusedAndNotReplaced(_ mode: Int) throws {
    let first = try PendingKey(in: folder)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: first.path)
    let error = #expect(throws: CommandError.self) { try PendingKey(in: folder) }
    #expect(error?.name == "key-readable-by-others")
    #expect(error?.status == .notAllowed)
    #expect(try Data(contentsOf: URL(filePath: first.path)) == Data(first.pem))
  }
}
