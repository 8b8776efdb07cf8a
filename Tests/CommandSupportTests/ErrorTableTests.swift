import Foundation
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct ErrorTableTests {
  private func failure(_ error: any Error) -> CommandError {
    ErrorTable.failure(for: error) { _ in nil }
  }

  @Test func foundationsFileErrorsNameTheFile() {
    let read = failure(
      CocoaError(.fileReadNoPermission, userInfo: [NSFilePathErrorKey: "/store/a"]))
    #expect(read.status == .storage)
    #expect(read.message.hasPrefix("/store/a cannot be read: "))
    let write = failure(
      CocoaError(
        .fileWriteOutOfSpace,
        userInfo: [
          NSFilePathErrorKey: "/store/b", NSUnderlyingErrorKey: POSIXError(.ENOSPC),
        ]))
    #expect(write.name == "disk-full")
    #expect(write.message == "The disk is full: /store/b cannot be written.")
  }

  @Test func whatNobodyKnowsIsStillASentence() {
    #expect(failure(POSIXError(.EIO)).name == "unexpected")
    #expect(failure(CocoaError(.featureUnsupported)).name == "unexpected")
  }

  @Test func ourOwnErrorsPassAndOthersAreTranslatedFirst() {
    let own = CommandError(.no, "x", "X.", remedy: "Y.")
    #expect(failure(own) == own)
    #expect(ErrorTable.failure(for: CancellationError()) { _ in own } == own)
    #expect(failure(CancellationError()).status == .interrupted)
  }
}
