import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

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

  /// Where the number is another one the test shows no more than the first does; on ext4 it is usually the same.
  @Test func aCopyPutWhereTheOriginalWasIsFoundThoughItGetsItsFileNumber() throws {
    let folder = try TestFolder()
    let (original, copy) = (folder.path + "/original", folder.path + "/copy")
    var store: SQLiteStore? = try store("office/rabat", in: original)
    try store?.put("a", ["x": "1"])
    let id = try store?.replica().id
    store = nil
    try FileManager.default.copyItem(atPath: original, toPath: copy)
    try FileManager.default.removeItem(atPath: original)
    try FileManager.default.copyItem(atPath: copy, toPath: original)
    let restored = try SQLiteStore.open(folder: original)
    #expect(restored.healing?.formerReplica == id)
    #expect(try restored.isRecovering)
  }

  @Test func eachPartOfAPlaceTellsACopyAndWhatIsUnknownTellsNothing() {
    let place = StorePlace(machine: "m", inode: 7, birth: 1)
    for other in [
      StorePlace(machine: "n", inode: 7, birth: 1), StorePlace(machine: "m", inode: 8, birth: 1),
      StorePlace(machine: "m", inode: 7, birth: 2),
    ] {
      #expect(other.isElsewhere(than: place) && place.isElsewhere(than: other))
    }
    for other in [
      place, .unknown, StorePlace(machine: "m", inode: 7, birth: 0),
      StorePlace(machine: "", inode: 7, birth: 1),
    ] {
      #expect(!other.isElsewhere(than: place) && !place.isElsewhere(than: other))
    }
  }

  @Test func aFileKeepsItsBirthWhenItIsWrittenAndMoved() throws {
    let folder = try TestFolder()
    let (before, after) = (folder.path + "/before", folder.path + "/after")
    try Data("one".utf8).write(to: URL(filePath: before))
    let birth = StorePlace(ofFile: before).birth
    let handle = try #require(FileHandle(forUpdatingAtPath: before))
    try handle.write(contentsOf: Data("two".utf8))
    try handle.close()
    try FileManager.default.moveItem(atPath: before, toPath: after)
    #expect(StorePlace(ofFile: after).birth == birth)
    #expect(StorePlace(ofFile: folder.path + "/none").birth == 0)
  }
}
