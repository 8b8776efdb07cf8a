import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

@testable import syncserver

/// What `run` reckons before it listens.
@Suite struct RunTests {
  // MARK: Certificates

  private func check(
    uris: [String] = ["officesync://office/rabat"], hostNames: [String] = ["rabat.example"],
    usages: [TestPKI.Usage] = [.client, .server], listDays: Double? = 30, days: Double = 60
  ) throws -> (CertificateCheck, TestFolder) {
    let folder = try TestFolder()
    let now = Date()
    let authority = try TestPKI(
      validity: now.addingTimeInterval(-86_400)...now.addingTimeInterval(3_650 * 86_400))
    let validity = now.addingTimeInterval(-86_400)...now.addingTimeInterval(days * 86_400)
    let issued = try authority.issue(
      uris: uris, hostNames: hostNames, usages: usages, validity: validity)
    try folder.write(issued, named: "identity", authority: authority)
    if let listDays {
      let end = now.addingTimeInterval(listDays * 86_400)
      let list = try authority.revocationList(
        of: [], validity: min(now, end).addingTimeInterval(-86_400)...end)
      try folder.write(list, to: "crl.pem")
    }
    let files = CredentialFiles(
      certificate: folder.path + "/identity.pem", key: folder.path + "/identity.key",
      authority: folder.path + "/ca.pem", revocationList: folder.path + "/crl.pem")
    return (
      CertificateCheck(credentials: try ServerCredentials(files), path: files.certificate), folder
    )
  }

  private let now = Int64(Date().timeIntervalSince1970)

  @Test func aGoodCertificateIsNotTalkedAbout() throws {
    let (check, _) = try check()
    #expect(check.warnings(at: now) == [])
    try check.requireIdentity(Identity("office/rabat"))
  }

  @Test func whatWillTurnPeopleAwayIsSaid() throws {
    #expect(
      try check(hostNames: []).0.warnings(at: now) == [
        "\(DoctorTexts.noHostNames): \(DoctorTexts.issueWithHost)"
      ])
    let (client, folder) = try check(usages: [.client])
    #expect(
      client.warnings(at: now) == ["\(DoctorTexts.notForServers): \(DoctorTexts.issueAnother)"])
    withExtendedLifetime(folder) {}
    #expect(try check(usages: []).0.warnings(at: now) == [])
    #expect(
      try check(listDays: nil).0.warnings(at: now) == [
        "\(DoctorTexts.noRevocationList): \(DoctorTexts.copyList)"
      ])
    let soon = try check(listDays: 2).0.warnings(at: now)
    #expect(soon.count == 1 && soon[0].contains("pki renew-list"))
    let late = try check(listDays: -2).0.warnings(at: now)
    #expect(late.count == 1 && late[0].contains("later revocations are not known"))
    let ending = try check(days: 3).0.warnings(at: now)
    #expect(ending.count == 1 && ending[0].contains("the certificate ends on"))
  }

  @Test(arguments: [
    ["officesync://office/fes"], ["officesync://field/rabat"],
    ["officesync://office/rabat", "officesync://office/fes"], [], ["https://example.org"],
  ])
  func anotherIdentityIsRefused(_ uris: [String]) throws {
    let (check, _) = try check(uris: uris)
    expectRefusal("identity-differs", .usage) {
      try check.requireIdentity(Identity("office/rabat"))
    }
  }

  // MARK: Settings

  private func settings(_ listen: [String], file: String = "") throws -> [NetworkAddress] {
    let folder = try TestFolder()
    if !file.isEmpty { try folder.write(file, to: "config.toml") }
    let certificates = try CertificateOptions.parse([])
    let patience = try WaitOptions.parse([])
    return try RunSettings(
      folder: StoreFolder(path: folder.path), certificates: certificates, patience: patience,
      listen: listen
    ).listen
  }

  @Test func optionsWinOverTheFileAndThatOverTheDefault() throws {
    #expect(try settings([]).map(\.description) == ["127.0.0.1:7443"])
    let file = #"listen = ["0.0.0.0:1", "[::]:2"]"#
    #expect(try settings([], file: file).map(\.description) == ["0.0.0.0:1", "[::]:2"])
    #expect(try settings(["[::1]:0"], file: file).map(\.description) == ["[::1]:0"])
    expectRefusal("bad-address", .usage) { try settings(["::1:7443"]) }
  }

  @Test func timeoutAndWaitAreTakenFromTheOptions() throws {
    let folder = try TestFolder()
    let settings = try RunSettings(
      folder: StoreFolder(path: folder.path), certificates: CertificateOptions.parse([]),
      patience: WaitOptions.parse(["--timeout", "7", "--wait", "3"]), listen: [])
    #expect(settings.network.timeout == .seconds(7))
    #expect(settings.network.wait == .seconds(3))
  }

  // MARK: Limits

  /// The listener has its own defaults, for whoever uses it without a file of settings: they are the same.
  @Test func withoutSettingsTheListenerTakesWhatItTakesByItself() throws {
    let folder = try TestFolder()
    let settings = try RunSettings(
      folder: StoreFolder(path: folder.path), certificates: CertificateOptions.parse([]))
    let (set, own) = (settings.listener(descriptors: 1 << 20), SyncListener.Settings())
    #expect(set.capacity == own.capacity)
    #expect(set.handshakeTime == own.handshakeTime)
    #expect(set.frameBytesMax == own.frameBytesMax)
    #expect(set.sessionBytesMax == own.sessionBytesMax)
    #expect(set.deviceBytesPerDay == own.deviceBytesPerDay)
    #expect(settings.limit(.deviceReplicas) == StoreFrontDesk.replicasPerDay)
  }

  @Test func connectionsFitTheDescriptors() {
    func fitting(_ descriptors: Int) -> [Int] {
      let capacity = DescriptorLimit.capacity(.init(), descriptors: descriptors)
      return [capacity.connectionsMax, capacity.handshakesMax]
    }
    #expect(fitting(65_536) == [1_000, 1_024])
    #expect(fitting(1_024) == [80, 256])
    #expect(fitting(64) == [16, 16])
    #expect(DescriptorLimit.raise(forSessions: 1) > 0)
  }
}
