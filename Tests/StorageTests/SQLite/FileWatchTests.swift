import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncStorage

/// What the system tells of files. Each test waits until it is told.
@Suite(.timeLimit(.minutes(5))) struct FileWatchTests {
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
  }

  private func next(_ changes: AsyncStream<Void>) async {
    for await _ in changes { return }
  }

  @Test func aFileThatIsPutInTheNewOnesPlaceIsTold() async throws {
    let path = try folder.write("old", to: "crl.pem")
    let changes = try FileWatch.replacements(of: path)
    // Neighbours are not told: else the next would come before the file is there.
    try folder.write("x", to: "neighbour")
    try folder.write("new", to: "crl.pem.tmp")
    let there = Task {
      await next(changes)
      return try? String(contentsOfFile: path, encoding: .utf8)
    }
    #expect(rename("\(folder.path)/crl.pem.tmp", path) == 0)
    #expect(await there.value == "new")
  }

  @Test func aFileThatIsWrittenAnewIsTold() async throws {
    let path = try folder.write("old", to: "crl.pem")
    let changes = try FileWatch.replacements(of: path)
    try Data("other".utf8).write(to: URL(filePath: path))
    await next(changes)
  }

  @Test func aFileThatWasNotThereIsTold() async throws {
    let changes = try FileWatch.replacements(of: "\(folder.path)/crl.pem")
    try folder.write("new", to: "crl.pem")
    await next(changes)
  }

  @Test func aLinkIsFollowed() async throws {
    let other = try TestFolder()
    let path = "\(folder.path)/crl.pem"
    let target = try other.write("old", to: "target.pem")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    let changes = try FileWatch.replacements(of: path)
    try Data("other".utf8).write(to: URL(filePath: target))
    await next(changes)
  }

  @Test func aFolderThatIsNotThereIsRefused() {
    #expect(throws: StorageError.self) {
      try FileWatch.replacements(of: "\(folder.path)/missing/crl.pem")
    }
  }

  @Test(arguments: [false, true])
  func aFolderThatAppearsIsTold(isMoved: Bool) async throws {
    let path = "\(folder.path)/enrolment"
    let changes = try FileWatch.appearances(of: path)
    try folder.write("x", to: "neighbour")
    try FileManager.default.createDirectory(
      atPath: isMoved ? path + ".new" : path, withIntermediateDirectories: false)
    let there = Task {
      await next(changes)
      return FileManager.default.fileExists(atPath: path)
    }
    if isMoved { #expect(rename(path + ".new", path) == 0) }
    #expect(await there.value)
  }

  @Test func aWriteOfAnotherConnectionIsTold() async throws {
    let store = try SQLiteStore.create(folder: folder.path, replica: .rabat())
    let other = try SQLiteStore.open(folder: folder.path)
    let changes = try store.changes()
    let projects = try CollectionName("projects")
    try other.write(to: projects, wallMilliseconds: 1, note: "") { writer in
      _ = try writer.put(
        RecordID("a"), changes: [(try FieldPath("title"), .value(.text("Gare")))], context: nil)
    }
    await next(changes)
    #expect(try store.collections() == [projects])
  }

  @Test func aSignIsGivenAgain() async {
    let (signs, continuation) = AsyncStream.makeStream(of: Void.self)
    let echo = Echo(after: [.milliseconds(1), .milliseconds(2)]) { continuation.yield() }
    echo.begin()
    for _ in 0..<3 { await next(signs) }
    echo.begin()
    for _ in 0..<3 { await next(signs) }
  }
}
