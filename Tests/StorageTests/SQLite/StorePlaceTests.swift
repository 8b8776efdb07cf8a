import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// A copied file takes a new replica ID when it is first opened, before anything is written under the old one.
@Suite struct StorePlaceTests {
  private func store(_ identity: String, in folder: String) throws -> SQLiteStore {
    let identity = try Identity(identity)
    return try SQLiteStore.create(
      folder: folder,
      replica: ReplicaInfo(id: randomToken(), name: identity.name, identity: identity))
  }

  @Test func aCopyTakesANewIDOnceAndAnOfficeIsInRecovery() throws {
    for identity in ["office/rabat", "field/amina"] {
      let folder = try TestFolder()
      let (original, copy) = (folder.path + "/original", folder.path + "/copy")
      let store = try store(identity, in: original)
      try store.put("a", ["x": "1"])
      let id = try store.replica().id
      try FileManager.default.copyItem(atPath: original, toPath: copy)

      let copied = try SQLiteStore.open(folder: copy)
      #expect(copied.healing?.formerReplica == id)
      #expect(try copied.replica().id != id)
      #expect(try copied.replica().formerIDs == [id])
      #expect(try copied.isRecovering == (store.replica().identity.role == .office))
      #expect(try copied.text("a", "x") == ["1"])
      let again = try SQLiteStore.open(folder: copy)
      #expect(again.healing == nil)
      #expect(try again.replica() == copied.replica())
      try again.setRecovering(false)
      #expect(try !copied.isRecovering)

      #expect(try SQLiteStore.open(folder: original).healing == nil)
      #expect(try store.replica().id == id)
    }
  }

  @Test func aRenamedFolderIsNoCopy() throws {
    let folder = try TestFolder()
    let (before, after) = (folder.path + "/before", folder.path + "/after")
    var store: SQLiteStore? = try store("office/rabat", in: before)
    try store?.put("a", ["x": "1"])
    let replica = try store?.replica()
    store = nil
    try FileManager.default.moveItem(atPath: before, toPath: after)
    let moved = try SQLiteStore.open(folder: after)
    #expect(moved.healing == nil)
    #expect(try moved.replica() == replica)
  }

  @Test func aCopyOfAStoreThatHoldsNothingKeepsItsID() throws {
    let folder = try TestFolder()
    let (original, copy) = (folder.path + "/original", folder.path + "/copy")
    let store = try store("office/rabat", in: original)
    try FileManager.default.copyItem(atPath: original, toPath: copy)
    let copied = try SQLiteStore.open(folder: copy)
    #expect(try copied.replica() == store.replica())
    #expect(try !copied.isRecovering)
  }
}
