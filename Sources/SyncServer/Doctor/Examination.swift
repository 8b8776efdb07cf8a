import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink

/// Gathers the facts that the checks judge. What cannot even be looked at is a finding of its own, so that one fault does
/// not hide the others.
struct Examination {
  let folder: StoreFolder
  let certificates: CertificateOptions
  /// What somebody typed to open the keys.
  var passphrase: PassphraseSource?
  /// Milliseconds since 1970 UTC.
  let now: UInt64

  /// - Throws: `CommandError` `not-an-office` (64)
  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    let settings: RunSettings?
    do {
      settings = try RunSettings(
        folder: folder, certificates: certificates, passphrase: passphrase)
    } catch {
      settings = nil
      findings.append(.failure(.settings, error))
    }
    if let settings { findings += certificateFindings(settings) }
    let enrolment = AuthorityFolder(
      path: folder.enrolment, passphrase: settings?.network.passphrase.passphrase)
    if enrolment.exists { findings.append(try enrolmentFinding(enrolment)) }
    do {
      findings += try storeFindings()
    } catch let error as StorageError {
      findings.append(.failure(.database, CommandError(error)))
    }
    findings.append(
      DiskCheck(
        space: DiskSpace(ofFolder: folder.path), reserve: settings?.reserve ?? .standard
      ).finding)
    findings += rightsFindings(settings?.files)
    findings.append(auditFinding)
    if let settings { findings.append(settings.listeningFinding) }
    let order = Dictionary(
      uniqueKeysWithValues: Finding.Check.allCases.enumerated().map { ($0.element, $0.offset) })
    return findings.sorted { order[$0.check, default: 0] < order[$1.check, default: 0] }
  }

  private func certificateFindings(_ settings: RunSettings) -> [Finding] {
    do {
      let credentials = try ServerCredentials(settings.files)
      let check = CertificateCheck(credentials: credentials, path: settings.files.certificate)
      return check.terms.findings(at: Int64(now / 1_000))
    } catch {
      return [.failure(.certificate, CommandError(error, at: folder.path))]
    }
  }

  private func enrolmentFinding(_ folder: AuthorityFolder) throws -> Finding {
    do {
      try folder.checkKey()
      let facts = try CertificateFacts(of: .file(path: folder.certificatePath))
      return EnrolmentTerms(endSeconds: facts.notAfterSeconds).finding(at: Int64(now / 1_000))
    } catch let error as TLSError {
      return .failure(.enrolment, CommandError(error))
    } catch let error as CommandError {
      return .failure(.enrolment, error)
    }
  }

  private func storeFindings() throws -> [Finding] {
    let office = try OfficeStore(opening: folder)
    let health = try office.store.health()
    let peers = PeerStanding(
      standing: try office.store.standingPeers(), contacts: try office.store.contacts(),
      met: try office.store.peers(), known: try office.store.knowledgeByCollection())
    let clock = ClockReading(
      now: now, newest: health.newestMilliseconds, program: Self.programMilliseconds)
    let recovery: Finding =
      try office.store.isRecovering
      ? .warning(.recovery, DoctorTexts.recovering, DoctorTexts.closeRecovery)
      : .ok(.recovery, DoctorTexts.notRecovering)
    return [health.finding, clock.finding, recovery] + peers.findings(at: now)
  }

  private var auditFinding: Finding {
    do throws(CommandError) {
      try AuditLog(of: folder).check()
      return .ok(.audit, DoctorTexts.audited(folder.audit))
    } catch {
      return .failure(.audit, error)
    }
  }

  private func rightsFindings(_ files: CredentialFiles?) -> [Finding] {
    let secret =
      [folder.path, folder.database, folder.audit, files?.key ?? folder.key]
      + [AuthorityFolder(path: folder.enrolment).keyPath]
    let open = [
      folder.configuration, files?.certificate, files?.authority, files?.revocationList,
    ]
    return FileRights.findings(
      secret.compactMap { FileRights(of: $0, isPublic: false) }
        + open.compactMap { $0.flatMap { FileRights(of: $0, isPublic: true) } },
      for: geteuid())
  }

  /// When the program's file was installed: no clock that is right shows less.
  private static var programMilliseconds: UInt64 {
    let status = Bundle.main.executablePath.flatMap { FileStatus(of: $0) }
    return UInt64(max(0, status?.modifiedSeconds ?? 0)) * 1_000
  }
}

extension RunSettings {
  fileprivate var listeningFinding: Finding {
    isOnlyLocal
      ? .warning(.listening, DoctorTexts.onlyHere, DoctorTexts.letOthersIn)
      : .ok(.listening, DoctorTexts.listens(listen))
  }
}
