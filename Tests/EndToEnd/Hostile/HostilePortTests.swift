import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Whatever is done to the port: that connection is dropped with one line in the log, and the others are served on.
@Suite struct HostilePortTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Of peer.py.
    var options: [String]
    var isInside = false
    /// A part of the line in the log; `|` parts what it may be.
    var reason: String

    /// Before TLS.
    static func outside(_ name: String, _ options: String..., reason: String) -> Attack {
      Attack(testDescription: name, options: options, reason: reason)
    }

    /// With a good certificate.
    static func inside(_ name: String, _ options: String..., reason: String) -> Attack {
      Attack(
        testDescription: name, options: ["--tls", "1.3", "--alpn", "officesync/1"] + options,
        isInside: true, reason: reason)
    }
  }

  static let attacks = [
    Attack.outside(
      "garbage", "--hex", "00ff10e7c3a9", "--zeros", "4000", reason: "does not speak TLS"),
    .outside(
      "garbage that begins like TLS", "--hex", "16030100ffee", "--zeros", "300", reason: "TLS"),
    .outside("an HTTP request", "--text", "GET / HTTP/1.1\r\n\r\n", reason: "HTTP"),
    .outside("half a handshake", "--hex", "1603010200010001fc0303", "--leave", reason: "handshake"),
    .outside("silence", reason: "in time"),
    .outside(
      "a handshake byte by byte", "--hex", "16030102000100", "--zeros", "1000", "--every", "0.1",
      reason: "in time"),
    .inside("silence inside TLS", reason: "came for 3 seconds"),
    .inside("garbage inside TLS", "--text", "GET / HTTP/1.1\r\n\r\n", reason: "no frame"),
    .inside("an oversize frame", "--hex", "7fffffff01", reason: "no frame"),
    .inside("an empty frame", "--hex", "00000000", reason: "no frame"),
    .inside("a malformed message", "--hex", "0000000401ffffff", reason: "malformed"),
    .inside("half a frame, then silence", "--hex", "0000100001", reason: "came for 3 seconds"),
    // It leaves the server's ticket unread, or it does not: then the system resets the connection.
    .inside(
      "half a frame, and gone", "--hex", "0000100001", "--leave", reason: "farewell|reset by peer"),
    .inside(
      "a frame byte by byte", "--hex", "0000100001", "--zeros", "1000", "--every", "0.1",
      reason: "no whole Hello came"),
  ]

  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    for device in ["amina", "mallory"] { try mesh.device(device) }
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "A1", "title=One")
  }

  @Test func eachIsDroppedWithOneLineWhileOthersAreServed() throws {
    try mesh.start("rabat", "--timeout", "3")
    let running = try Self.attacks.enumerated().map { number, attack in
      try mesh.dialInBackground(
        "rabat", as: attack.isInside ? "mallory" : nil, attack.options, label: "attack-\(number)")
    }
    // They are all there while amina syncs.
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A2", "title=Two")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)

    for (attack, program) in zip(Self.attacks, running) {
      #expect(program.waited() == 0, "\(attack): \(program.output) \(program.errors)")
    }
    let lines = try mesh.waitForRefusals(Self.attacks.count, at: "rabat")
    for attack in Self.attacks {
      #expect(
        lines.contains { line in
          attack.reason.split(separator: "|").contains { line.contains($0) }
            && line.contains("mallory") == attack.isInside
        },
        "\(attack): \(lines)")
    }

    // And afterwards, with no line more.
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A3", "title=Three")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    #expect(mesh.refusals(at: "rabat").count == Self.attacks.count)
    try mesh.stop("rabat")
  }

  @Test func aLinkThatPassesOneByteAtATimeIsSlowAndNothingElse() throws {
    try mesh.start("rabat")
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A2", "title=Two")
    let drip = try mesh.startPeer(["drip", String(mesh.port("rabat"))], label: "drip")
    let run = try mesh.must(
      "syncclient", "sync", "--data", "amina", "--server", drip.address, "--json"
    ).json
    #expect(run["collections"]?.items?.first?["inSync"]?.bool == true)
    #expect(try mesh.record("A1", in: "amina")["fields"]?["title"]?.text == "One")
    #expect(try mesh.record("A2", in: "rabat")["fields"]?["title"]?.text == "Two")
    #expect(mesh.refusals(at: "rabat").isEmpty)
  }
}
