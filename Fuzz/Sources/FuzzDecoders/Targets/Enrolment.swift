import Crypto
import Foundation
import OfficeSyncProtocol

/// The first byte is the type. What decodes must come back from its own encoding.
func fuzzEnrolment(_ bytes: [UInt8]) {
  guard let type = bytes.first,
    let message = try? EnrolmentMessage(Frame(type: type, body: Array(bytes.dropFirst())))
  else { return }
  require(
    (try? EnrolmentMessage(message.frame)) == message, "an enrolment changed by being encoded")
}

/// A text as somebody pasted it; and the same bytes as a token's body under a good check, which a fuzzer would not find.
func fuzzTokens(_ bytes: [UInt8]) {
  expectSame(String(decoding: bytes, as: UTF8.self))
  let checked = bytes + Array(SHA256.hash(data: bytes).prefix(4))
  let text = Data(checked).base64EncodedString()
    .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  expectSame("officesync1-" + text)
}

private func expectSame(_ text: String) {
  guard let token = try? EnrolmentToken(parsing: text) else { return }
  require((try? EnrolmentToken(parsing: token.text)) == token, "a token changed by being written")
}
