import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// The token that people carry, and what an office and a new device say to each other.
@Suite struct EnrolmentTests {
  private let authority = (0..<32).map { UInt8($0) }
  private let secret = (0..<16).map { UInt8(0xF0 | $0) }

  private func token(
    host: String = "rabat.example.ma", port: Int = 7443, asksForPIN: Bool = false
  ) throws -> EnrolmentToken {
    try #require(
      EnrolmentToken(
        identity: Identity("field/amina"), host: host, port: port, authority: authority,
        secret: secret, asksForPIN: asksForPIN))
  }

  // MARK: Tokens

  @Test func aTokenIsReadAsItWasWritten() throws {
    for token in [
      try token(), try token(asksForPIN: true), try token(host: "2001:db8::1", port: 65_535),
      try token(host: String(repeating: "a", count: 253), port: 1),
    ] {
      #expect(try EnrolmentToken(parsing: token.text) == token)
    }
  }

  /// It goes through mails and messengers: one word of letters that no program breaks, or a broken line.
  @Test func itsTextSurvivesMail() throws {
    let token = try token()
    let text = token.text
    #expect(text.hasPrefix("officesync1-"))
    #expect(text.utf8.count < 160)
    #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
    let half = text.count / 2
    let broken = "  \(text.prefix(half))\r\n \(text.dropFirst(half))\n"
    #expect(try EnrolmentToken(parsing: broken) == token)
  }

  /// Known bytes, so that another program can be held against them.
  @Test func theTextIsWhatTheProtocolSays() throws {
    #expect(
      try token().text
        == "officesync1-AAtmaWVsZC9hbWluYRByYWJhdC5leGFtcGxlLm1hkzoAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eH_Dx8vP09fb3-Pn6-_z9_v9AQkpR"
    )
  }

  @Test func aPartOfATokenIsNone() throws {
    let text = try token().text
    for length in "officesync1-".count..<text.count {
      #expect(throws: EnrolmentTokenError.incomplete) {
        try EnrolmentToken(parsing: String(text.prefix(length)))
      }
    }
    for other in [
      "", "officesync1", "hello", "officesync2-AAAA", String(repeating: "x", count: 9_999),
    ] {
      #expect(throws: EnrolmentTokenError.notAToken) { try EnrolmentToken(parsing: other) }
    }
  }

  @Test func aChangedLetterIsFound() throws {
    let letters = Array(try token().text)
    for place in "officesync1-".count..<letters.count {
      var changed = letters
      changed[place] = letters[place] == "A" ? "B" : "A"
      #expect(throws: EnrolmentTokenError.incomplete) {
        try EnrolmentToken(parsing: String(changed))
      }
    }
  }

  @Test func whatCannotBeInATokenIsRefused() throws {
    let identity = try Identity("field/amina")
    func make(
      host: String = "h", port: Int = 1, authority: Int = 32, secret: Int = 16
    ) -> EnrolmentToken? {
      EnrolmentToken(
        identity: identity, host: host, port: port,
        authority: [UInt8](repeating: 1, count: authority),
        secret: [UInt8](repeating: 1, count: secret), asksForPIN: false)
    }
    #expect(make() != nil)
    for token in [
      make(host: ""), make(host: "a b"), make(host: "é"), make(host: "a\u{0}"), make(port: 0),
      make(port: 65_536), make(authority: 31), make(secret: 17),
      make(host: String(repeating: "a", count: 254)),
    ] {
      #expect(token == nil)
    }
  }

  @Test func theNumberCannotBeFoundWithoutTheSecret() throws {
    #expect(try token().secretHash == EnrolmentToken.hash(ofSecret: secret))
    let hash = EnrolmentToken.hash(ofSecret: secret, pin: "123456")
    #expect(hash != EnrolmentToken.hash(ofSecret: authority, pin: "123456"))
    #expect(hash != EnrolmentToken.hash(ofSecret: secret, pin: "123457"))
    #expect(EnrolmentToken.hash(ofSecret: secret, pin: "") == EnrolmentToken.hash(ofSecret: secret))
  }

  // MARK: Messages

  private func messages() throws -> [EnrolmentMessage] {
    let certificate = [UInt8](repeating: 7, count: 700)
    let access = [
      EnrolmentMessage.Access(collection: try CollectionName("projects"), directions: .pull),
      EnrolmentMessage.Access(
        collection: try CollectionName("visits"), directions: [.pull, .push]),
    ]
    return [
      .authorities([]), .authorities([certificate, [1]]),
      .application(
        EnrolmentMessage.Application(secret: secret, pin: "012345", software: "syncclient/1")),
      .application(EnrolmentMessage.Application(secret: secret, pin: "", software: "")),
      .issued(EnrolmentMessage.Issued(chain: [certificate, certificate], access: access)),
      .issued(EnrolmentMessage.Issued(chain: [], access: [])), .renewal(software: "syncclient/1"),
    ]
      + EnrolmentRefusal.Code.allCases.map { .refused(EnrolmentRefusal($0, "pour cause de çà")) }
  }

  @Test func messagesAreReadAsTheyWereWritten() throws {
    for message in try messages() {
      let frame = message.frame
      #expect(try EnrolmentMessage(frame) == message)
      #expect(frame.body.count < Limits.enrolmentFrameBytesMax)
    }
  }

  @Test func aCutMessageIsAnError() throws {
    for message in try messages() {
      let frame = message.frame
      for length in 0..<frame.body.count {
        let cut = Frame(type: frame.type, body: Array(frame.body.prefix(length)))
        // A cut may fall where another message of the kind ends; never on this one.
        #expect((try? EnrolmentMessage(cut)) != message)
      }
    }
  }

  /// Any bytes give a message or an error.
  @Test func noBytesAreAFault() throws {
    var random = SplitMix64(seed: 7)
    var read = 0
    for message in try messages() {
      for _ in 0..<500 {
        var body = message.frame.body
        for _ in 0...Int.random(in: 0..<3, using: &random) where !body.isEmpty {
          body[Int.random(in: 0..<body.count, using: &random)] = .random(
            in: .min ... .max, using: &random)
        }
        let type = UInt8.random(in: 0...7, using: &random)
        if let found = try? EnrolmentMessage(Frame(type: type, body: body)) {
          read += 1
          #expect(try EnrolmentMessage(found.frame) == found)
        }
      }
    }
    #expect(read > 0)
  }

  @Test func whatIsLongerThanItsLimitIsRefused() {
    var body = secret
    body += [17] + [UInt8](repeating: 0x31, count: 17) + [0]
    #expect(throws: CodecError.self) { try EnrolmentMessage(Frame(type: 2, body: body)) }
    #expect(throws: CodecError.self) {
      try EnrolmentMessage(Frame(type: 1, body: [9] + [UInt8](repeating: 0, count: 9)))
    }
    #expect(throws: CodecError.self) { try EnrolmentMessage(Frame(type: 6, body: [])) }
    #expect(throws: CodecError.self) { try EnrolmentMessage(Frame(type: 0, body: [])) }
  }
}
