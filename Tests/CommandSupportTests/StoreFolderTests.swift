import ArgumentParser
import Foundation
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct StoreFolderTests {
  private func folder(_ arguments: [String], _ environment: [String: String]) throws -> String {
    try StoreOptions.parse(arguments).folder(of: .client, environment: environment).path
  }

  @Test func theOptionWinsOverTheEnvironment() throws {
    let environment = ["OFFICESYNC_DATA": "/from/environment", "HOME": "/home/amina"]
    #expect(try folder(["--data", "/from//option/"], environment) == "/from/option")
    #expect(try folder([], environment) == "/from/environment")
    #expect(
      try folder(["--data", "here"], environment)
        == FileManager.default.currentDirectoryPath + "/here")
  }

  #if os(Linux)
    @Test func eachProgramHasAFolderOfItsOwn() throws {
      func path(_ program: StoreFolder.Program, isRoot: Bool) -> String {
        StoreFolder.standard(for: program, isRoot: isRoot, home: "/home/amina").path
      }
      #expect(path(.server, isRoot: true) == "/var/lib/officesync")
      #expect(path(.server, isRoot: false) == "/home/amina/.local/share/officesync/server")
      #expect(path(.client, isRoot: false) == "/home/amina/.local/share/officesync/client")
      #expect(path(.client, isRoot: true) == "/home/amina/.local/share/officesync/client")
      #expect(
        try folder([], ["HOME": "/home/amina", "OFFICESYNC_DATA": ""])
          == "/home/amina/.local/share/officesync/client")
    }
  #endif

  @Test func aMissingStoreIsSaidWithTheCommandThatMakesOne() throws {
    let temporary = try TemporaryFolder()
    for path in [temporary.path, temporary("missing")] {
      let error = #expect(throws: CommandError.self) {
        try StoreFolder(path: path).requireStore(make: "syncclient init --name amina")
      }
      #expect(error?.name == "no-store")
      #expect(error?.status == .usage)
      #expect(error?.message == "There is no store at \(path).")
      #expect(error?.remedy == "Make one with `syncclient init --name amina`.")
    }
    let store = StoreFolder(path: temporary.path)
    try SecureFile.create(store.database, with: [])
    try store.requireStore(make: "")
    #expect(!FileManager.default.fileExists(atPath: temporary("missing")))
  }

  /// Only root may give a folder away, so that only there it can be tried.
  @Test(.enabled(if: geteuid() == 0))
  func anotherUsersStoreIsRefusedNamingTheUser() throws {
    let temporary = try TemporaryFolder()
    let store = StoreFolder(path: temporary.path)
    try SecureFile.create(store.database, with: [])
    #expect(chown(store.path, 1, 1) == 0)
    let error = #expect(throws: CommandError.self) { try store.requireStore(make: "") }
    #expect(error?.name == "store-of-other-user")
    #expect(error?.status == .notAllowed)
    let user = String(cString: getpwuid(1).pointee.pw_name)
    #expect(error?.message.hasSuffix("belongs to the user \(user).") == true)
    #expect(error?.remedy.contains("sudo -u \(user)") == true)
  }
}
