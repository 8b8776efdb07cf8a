import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Servers that a device turns away, and what it tells its user.
@Suite struct ClientRefusalTests {
  private let mesh: Mesh
  private let authority: TestPKI

  init() throws {
    mesh = try Mesh()
    authority = try TestPKI()
    try mesh.must("syncclient", "init", "--data", "amina", "--name", "amina")
    try mesh.certify("amina", authority.field("amina"), trusting: authority)
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=One")
  }

  /// - Parameters:
  ///   - issued: what the impostor shows; nil for no TLS at all.
  ///   - options: of `peer.py serve`.
  private func expectRefused(
    _ issued: TestPKI.Issued?, _ options: [String] = ["--tls", "1.3", "--alpn", "officesync/1"],
    status: Int32 = 77, name: String, saying text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var options = options
    if let issued {
      try mesh.folder.write(issued, named: "impostor", authority: authority)
      options += ["--cert", "impostor.pem", "--key", "impostor.key"]
    }
    let (impostor, address) = try mesh.startPeer(["serve"] + options, label: "impostor-\(name)")
    let run = try mesh.client("sync", "--data", "amina", "--server", address, "--json")
    impostor.end(with: SIGKILL)
    #expect(run.status == status, "\(run.output)", sourceLocation: sourceLocation)
    let document = try run.json
    #expect(document["ok"]?.bool == false, sourceLocation: sourceLocation)
    let error = document["error"]
    #expect(error?["name"]?.text == name, "\(run.output)", sourceLocation: sourceLocation)
    #expect(
      error?["message"]?.text?.contains(text) == true, "\(run.output)",
      sourceLocation: sourceLocation)
    #expect(error?["message"]?.text?.contains(address) == true, sourceLocation: sourceLocation)

    // What waits to be sent still waits, and how it went is noted.
    let status = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
    #expect(
      status["collections"]?.items?.first?["unsent"]?.int == 1, sourceLocation: sourceLocation)
    #expect(
      status["peers"]?.items?.first?["result"]?.text == name, sourceLocation: sourceLocation)
  }

  @Test func aServerOfAnotherAuthority() throws {
    try expectRefused(
      TestPKI().office("rabat"), name: "server-unknown-authority", saying: "authority")
  }

  @Test func aServerWhoseCertificateHasExpired() throws {
    try expectRefused(
      authority.office("rabat", validity: TestPKI.now(plusDays: -3)),
      name: "server-certificate-expired", saying: "expired")
  }

  @Test func aServerWhoseCertificateIsNotYetValid() throws {
    try expectRefused(
      authority.office("rabat", validity: TestPKI.now(plusDays: 3)),
      name: "server-certificate-not-yet-valid", saying: "begins on")
  }

  @Test func aServerWhoseCertificateIsRevoked() throws {
    let issued = try authority.office("rabat")
    try mesh.folder.write(authority.revocationList(of: [issued]), to: "amina/crl.pem")
    try expectRefused(issued, name: "server-certificate-revoked", saying: "revoked")
  }

  @Test func aServerUnderAnotherName() throws {
    try expectRefused(
      authority.office("rabat", hosts: ["rabat.example.ma"]), name: "server-host-mismatch",
      saying: "127.0.0.1")
  }

  @Test func aDevicePosingAsAServer() throws {
    try expectRefused(
      authority.issue(
        uris: ["officesync://field/karim"], hostNames: ["localhost"], addresses: [[127, 0, 0, 1]]),
      name: "server-not-an-office", saying: "field/karim")
    // As `pki issue` makes it, it may not serve at all.
    try expectRefused(
      authority.issue(
        uris: ["officesync://office/rabat"], addresses: [[127, 0, 0, 1]], usages: [.client]),
      name: "server-not-an-office", saying: "not issued for this side")
  }

  @Test func aServerWithTwoIdentities() throws {
    try expectRefused(
      authority.issue(
        uris: ["officesync://office/rabat", "officesync://office/oujda"],
        addresses: [[127, 0, 0, 1]]), name: "server-not-an-office", saying: "URI")
  }

  @Test func aServerOfTLS12() throws {
    try expectRefused(
      authority.office("rabat"), ["--tls", "1.2", "--alpn", "officesync/1"], name: "tls-too-old",
      saying: "version of TLS")
  }

  @Test func aServerOfSomethingElse() throws {
    try expectRefused(
      authority.office("rabat"), ["--tls", "1.3"], status: 76, name: "not-officesync",
      saying: "OfficeSync")
    try expectRefused(
      authority.office("rabat"), ["--tls", "1.3", "--alpn", "h2"], status: 76,
      name: "not-officesync", saying: "OfficeSync")
  }

  @Test func aServerThatSpeaksNoTLS() throws {
    try expectRefused(
      nil, ["--text", "220 mail.example.ma ESMTP\r\n"], status: 76, name: "not-tls", saying: "TLS")
    try expectRefused(
      nil, ["--text", "HTTP/1.1 400 Bad Request\r\n\r\n"], status: 76, name: "not-tls",
      saying: "HTTP")
  }

  @Test func aServerThatSpeaksNothingThatMakesSense() throws {
    try expectRefused(
      authority.office("rabat"),
      ["--tls", "1.3", "--alpn", "officesync/1", "--text", "HTTP/1.1 400 Bad Request\r\n\r\n"],
      status: 76, name: "protocol-violation", saying: "protocol")
  }

  @Test func nobodyThere() throws {
    let (peer, address) = try mesh.startPeer(["serve"], label: "gone")
    peer.end(with: SIGKILL)
    let run = try mesh.client("sync", "--data", "amina", "--server", address, "--json")
    #expect(run.status == 69)
    #expect(try run.json["error"]?["name"]?.text == "unreachable")
    let plain = try mesh.client("sync", "--data", "amina", "--server", address)
    #expect(plain.status == 69)
    #expect(plain.output == "")
    #expect(plain.errors.hasPrefix("error: "))
    #expect(plain.errors.contains(address))
  }

  @Test func anOfficeDoesNotStartWithACertificateOfADevice() throws {
    try mesh.must("syncserver", "init", "--data", "rabat", "--name", "rabat")
    try mesh.certify("rabat", authority.field("amina"), trusting: authority)
    let run = try mesh.run("syncserver", "run", "--data", "rabat", "--listen", "127.0.0.1:0")
    #expect(run.status == 64)
    #expect(run.errors.contains("field/amina"))
    #expect(run.output == "")
  }
}
