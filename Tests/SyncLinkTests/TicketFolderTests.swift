import Foundation
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSyncLink

/// Tickets on disk: kept like keys, and never in the way.
@Suite struct TicketFolderTests {
  private let folder: TestFolder
  private let tickets: TicketFolder

  init() throws {
    folder = try TestFolder()
    tickets = TicketFolder(path: "\(folder.path)/tickets")
  }

  private var file: String { "\(folder.path)/tickets/rabat.example_7443.ticket" }

  private func load(_ host: String = "rabat.example", _ port: Int = 7_443) -> [UInt8]? {
    tickets.load(host: host, port: port)
  }

  private func save(_ text: String, _ host: String = "rabat.example") {
    tickets.save(Array(text.utf8), host: host, port: 7_443)
  }

  @Test func theLastOneOfEachServerIsKept() {
    #expect(load() == nil)
    save("one")
    save("two")
    save("other", "::1")
    #expect(load() == Array("two".utf8))
    #expect(load("::1") == Array("other".utf8))
    #expect(load("rabat.example", 7_444) == nil)
  }

  @Test func theOwnerAloneCanReadIt() throws {
    save("one")
    for (path, mode) in [(file, 0o600), ("\(folder.path)/tickets", 0o700)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/tickets").count == 1)
  }

  @Test(arguments: [0o644, 0o640, 0o602])
  func whatOthersCouldReadOrWriteIsLeftAlone(_ mode: Int) {
    save("one")
    #expect(chmod(file, mode_t(mode)) == 0)
    #expect(load() == nil)
  }

  @Test func whatIsNoFileOrTooLongIsLeftAlone() throws {
    save("one")
    try FileManager.default.moveItem(atPath: file, toPath: file + ".moved")
    try FileManager.default.createSymbolicLink(
      atPath: file, withDestinationPath: file + ".moved")
    #expect(load() == nil)
    save(String(repeating: "x", count: 100_000))
    #expect(load() == nil)
    save("two")
    #expect(load() == Array("two".utf8))
  }

  @Test func aFolderThatCannotBeMadeIsNoError() throws {
    try folder.write("", to: "file")
    let nowhere = TicketFolder(path: "\(folder.path)/file/tickets")
    nowhere.save(Array("one".utf8), host: "rabat.example", port: 7_443)
    #expect(nowhere.load(host: "rabat.example", port: 7_443) == nil)
  }

  /// No name leads out of the folder.
  @Test func oddNamesStayInside() throws {
    save("one", "../../etc/passwd")
    save("two", "fe80::1%eth0")
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/tickets")
    #expect(names.sorted() == [".._.._etc_passwd_7443.ticket", "fe80__1_eth0_7443.ticket"])
  }
}
