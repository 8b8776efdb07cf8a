import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import Testing

@testable import syncserver

/// The figures of a running server, and the text that Prometheus reads.
@Suite struct MetricsTests {
  private func figures(server: String = "fes:7443") throws -> OfficeFigures {
    let now: Int64 = 1_795_512_600
    let office = try Peer(
      replica: ReplicaID(high: 0, low: 5), identity: Identity("office/fes"), name: "fes",
      seenMilliseconds: 1_000_500, knowledge: [:])
    return OfficeFigures(
      collections: [], isRecovering: true,
      standing: [StandingPeerEntry(server: server), StandingPeerEntry(server: "oujda:7443")],
      contacts: [
        Contact(server: server, identity: nil, atMilliseconds: 7_999, result: "ok"),
        Contact(server: "gone:7443", identity: nil, atMilliseconds: 1, result: "unreachable"),
      ], offices: [(office, 12)], sessions: SessionTally.State(), connections: 3,
      disk: DiskSpace(freeBytes: 600, totalBytes: 1_000), reserve: DiskReserve(percent: 10),
      fileBytes: 4_096, logBytes: 0,
      ends: [("certificate", now + 86_400 * 3 / 2), ("authority", now - 86_400)], now: now)
  }

  @Test func figuresAreWrittenAsTheyAre() throws {
    let lines = try Set(figures().exposition.split(separator: "\n").map(String.init))
    let expected = [
      "officesync_recovering 1", "officesync_connections 3", "officesync_disk_free_bytes 600",
      "officesync_disk_reserve_bytes 100", "officesync_store_bytes 4096",
      #"officesync_peer_up{server="fes:7443"} 1"#, #"officesync_peer_up{server="oujda:7443"} 0"#,
      #"officesync_peer_contact_seconds{server="fes:7443"} 7"#,
      #"officesync_peer_lag_writes{identity="office/fes",replica="00000000000000000000000000000005"} 12"#,
      #"officesync_certificate_days_left{of="certificate"} 1.5"#,
      #"officesync_certificate_days_left{of="authority"} -1.0"#,
      #"officesync_sessions_total{began="visitor"} 0"#,
      #"officesync_sessions_total{began="peer"} 0"#,
    ]
    for line in expected { #expect(lines.contains(line), "\(line)") }
    // One that is not synced with any more, and what has no value.
    #expect(!lines.contains { $0.contains("gone") || $0.contains("officesync_records") })
  }

  /// The text format, version 0.0.4.
  @Test(arguments: ["fes:7443", "a\"b\\c\nd{}=,é\u{202E}"])
  func theFormatIsKept(server: String) throws {
    let text = try figures(server: server).exposition
    try #require(text.hasSuffix("\n"))
    let sample =
      #/^(officesync_[a-z_]+)(\{([a-z_]+="([^"\\\n]|\\[\\n"])*"(,|(?=\})))*\})? (-?[0-9.e+]+)$/#
    var family: (name: String, kind: String)?
    var seen: Set<String> = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()[...]
    while let line = lines.popFirst() {
      if line.hasPrefix("# HELP ") {
        let name = String(line.split(separator: " ")[2])
        #expect(seen.insert(name).inserted, "\(name) twice")
        let next = lines.popFirst()
        let type = try #require(next).split(separator: " ")
        #expect(type.count == 4 && type[1] == "TYPE" && type[2] == name)
        #expect(["counter", "gauge"].contains(type[3]))
        #expect((type[3] == "counter") == name.hasSuffix("_total"), "\(name)")
        family = (name, String(type[3]))
        #expect(lines.first?.hasPrefix("# ") == false, "\(name) has no value")
      } else {
        let match = try #require(line.wholeMatch(of: sample), "\(line)")
        #expect(String(match.1) == family?.name)
        #expect(Double(match.output.6) != nil, "\(line)")
      }
    }
    #expect(seen.count > 15)
  }

  @Test func labelsAreEscaped() {
    var family = MetricFamily("a_b", .gauge, "What\\it\nsays.")
    family.add(1, ("x", "\"\\\n"), ("y", ""))
    #expect(
      family.text == "# HELP a_b What\\\\it\\nsays.\n# TYPE a_b gauge\n"
        + #"a_b{x="\"\\\n",y=""} 1"# + "\n")
    #expect(MetricFamily("a", .gauge, "b").text == "")
  }

  @Test func sessionsAreCounted() throws {
    let tally = SessionTally()
    var outcome = ChannelOutcome(
      collection: try CollectionName("projects"), directions: [.pull, .push])
    outcome.sent = 2
    outcome.received = 3
    outcome.newConflicts = 1
    var traffic = Traffic()
    traffic.bytesSent = 10
    traffic.bytesReceived = 20
    tally.exchanged([outcome], with: .visitor)
    tally.ended([], traffic, isFailure: false, with: .visitor)
    tally.ended([outcome], traffic, isFailure: true, with: .visitor)
    tally.note(
      .refused(Refusal(code: "not-tls", reason: "noise"), address: "192.0.2.9:1", identity: nil))
    tally.ended([outcome], traffic, isFailure: false, with: .peer)
    let state = tally.current
    #expect(state.refused == 1)
    #expect(
      state.counts[.visitor]
        == SessionTally.Counts(
          sessions: 2, failures: 1, recordsSent: 4, recordsReceived: 6, conflicts: 2,
          bytesSent: 20, bytesReceived: 40))
    #expect(state.counts[.peer]?.recordsSent == 2)
    #expect(state.counts[.peer]?.failures == 0)
  }
}
