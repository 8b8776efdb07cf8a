import Testing

@testable import syncserver

@Suite struct AttemptLimitTests {
  @Test func tenFailuresKeepAnAddressOutForTenMinutes() {
    var limit = AttemptLimit()
    for _ in 0..<AttemptLimit.failuresMax {
      #expect(limit.admits("192.0.2.1", at: 1_000))
      limit.noteFailure(of: "192.0.2.1", at: 1_000)
    }
    #expect(!limit.admits("192.0.2.1", at: 1_000 + AttemptLimit.windowMilliseconds))
    #expect(limit.admits("192.0.2.2", at: 1_000))
    #expect(limit.admits("192.0.2.1", at: 1_001 + AttemptLimit.windowMilliseconds))
    limit.noteFailure(of: "192.0.2.1", at: 1_001 + AttemptLimit.windowMilliseconds)
    #expect(limit.admits("192.0.2.1", at: 1_001 + AttemptLimit.windowMilliseconds))
  }

  @Test func aClockThatWasSetBackKeepsNobodyOut() {
    var limit = AttemptLimit()
    for _ in 0..<AttemptLimit.failuresMax { limit.noteFailure(of: "a", at: 9_000_000) }
    #expect(!limit.admits("a", at: 9_000_000))
    #expect(limit.admits("a", at: 8_999_999))
  }

  @Test func itHoldsABoundedNumberOfAddresses() {
    var limit = AttemptLimit()
    for number in 0..<AttemptLimit.addressesMax {
      for _ in 0..<AttemptLimit.failuresMax {
        limit.noteFailure(of: "\(number)", at: UInt64(number))
      }
    }
    #expect(!limit.admits("0", at: 5_000))
    limit.noteFailure(of: "another", at: 5_000)
    #expect(limit.admits("0", at: 5_000))
    #expect(!limit.admits("1", at: 5_000))
  }

  @Test(arguments: [
    ("1m", 60_000), ("24h", 86_400_000), ("30d", 2_592_000_000), ("720h", 2_592_000_000),
  ])
  func tokenLives(_ text: String, _ milliseconds: UInt64) {
    #expect(TokenLife(argument: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "h", "0h", "24", "24 h", "-1h", "1.5h", "31d", "43201m", "99999999999999999999d",
    "18446744073709551615d", "1w",
  ])
  func whatIsNoTokenLife(_ text: String) {
    #expect(TokenLife(argument: text) == nil)
  }
}
