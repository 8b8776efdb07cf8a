import OfficeSyncCommandSupport
import Testing

@testable import syncserver

@Suite struct PKIHostNameTests {
  private static let good: [(String, HostName)] = [
    ("localhost", .name("localhost")),
    ("Rabat.Example.MA", .name("rabat.example.ma")),
    ("7eleven.ma", .name("7eleven.ma")),
    ("xn--mgbc0a9azcg.ma", .name("xn--mgbc0a9azcg.ma")),
    (String(repeating: "a", count: 63), .name(String(repeating: "a", count: 63))),
    ("192.0.2.7", .address([192, 0, 2, 7])),
    ("::1", .address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
    ("2001:DB8::7", .address([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])),
  ]

  @Test(arguments: good)
  func takes(_ text: String, _ expected: HostName) throws {
    #expect(try HostName(parsing: text) == expected)
  }

  @Test(
    arguments: [
      "", ".", "a.", "a..b", "-a", "a-", "a_b", "*.example.ma", "rabat:7443", "[::1]", "192.0.2",
      "192.0.2.256", "fès.ma", "a b", "a\nb", "a\u{0}b", String(repeating: "a", count: 64),
      String(repeating: "abcdefg.", count: 32) + "ma",
    ] as [String])
  func refuses(_ text: String) {
    expectRefusal("bad-host") { try HostName(parsing: text) }
  }
}
