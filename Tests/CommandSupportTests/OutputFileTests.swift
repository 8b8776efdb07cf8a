import Foundation
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct OutputFileTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  @Test func aReaderWhoLeftIsAnErrorOfItsOwn() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    let file = OutputFile(descriptor: ends[1])
    try file.write("waiting".utf8)
    #expect(throws: OutputClosed.self) { try file.flush() }
    try file.flush()
  }

  @Test func aFullDiskIsToldAsSuch() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let file = OutputFile(descriptor: full)
    try file.write("x".utf8)
    let error = #expect(throws: CommandError.self) { try file.flush() }
    #expect(error?.name == "output-failed")
    #expect(error?.status == .storage)
  }

  @Test func whatFailedInPassingIsToldByTheNextFlush() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let file = OutputFile(descriptor: full)
    try file.write("x".utf8)
    file.flushForNow()
    #expect(throws: CommandError.self) { try file.flush() }
    try file.flush()
  }

  @Test func aNonBlockingPipeIsWaitedFor() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    #expect(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    let (received, reading) = AsyncStream<Data>.makeStream()
    // On a thread of its own: the writer waits on one of the few that run all tests, and there may be no other.
    Thread.detachNewThread {
      reading.yield(FileHandle(fileDescriptor: reader, closeOnDealloc: true).readDataToEndOfFile())
      reading.finish()
    }
    try OutputFile(descriptor: writer).write(bytes)
    close(writer)
    var whole = Data()
    for await part in received { whole += part }
    #expect(Array(whole) == bytes)
  }
}
