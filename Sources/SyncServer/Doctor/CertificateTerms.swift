import OfficeSyncRecords

/// What an office's certificates say of themselves, and what is to be done about it. Seconds are since 1970.
struct CertificateTerms: Hashable, Sendable {
  /// So long before the end of a certificate or a list it is time to renew it.
  static let noticeSeconds: Int64 = 14 * 86_400
  /// A new authority means a new certificate for everybody.
  static let authorityNoticeSeconds: Int64 = 90 * 86_400

  var endSeconds: Int64
  /// Of the authority that ends last.
  var authorityEndSeconds: Int64
  /// nil without a revocation list.
  var listDueSeconds: Int64?
  /// Whether nobody is let in without a list, or with one past its time.
  var requiresCurrentList = false
  /// Whether it names a host or an address that clients could check.
  var hasHostNames: Bool
  /// Whether its uses include serving.
  var mayServe: Bool

  /// - Parameter now: seconds since 1970.
  func findings(at now: Int64) -> [Finding] {
    typealias Texts = DoctorTexts
    var findings: [Finding] = []
    if !hasHostNames {
      findings.append(.problem(.certificate, Texts.noHostNames, Texts.issueWithHost))
    }
    if !mayServe {
      findings.append(.problem(.certificate, Texts.notForServers, Texts.issueAnother))
    }
    let end = Texts.certificateEnds(Texts.date(endSeconds))
    if endSeconds - now < Self.noticeSeconds {
      findings.append(.warning(.certificate, end, Texts.issueAnother))
    } else if findings.isEmpty {
      findings.append(.ok(.certificate, end))
    }
    return findings + [authority(at: now), list(at: now)]
  }

  private func authority(at now: Int64) -> Finding {
    let end = DoctorTexts.authorityEnds(DoctorTexts.date(authorityEndSeconds))
    return authorityEndSeconds - now < Self.authorityNoticeSeconds
      ? .warning(.authority, end, DoctorTexts.newAuthority) : .ok(.authority, end)
  }

  private func list(at now: Int64) -> Finding {
    typealias Texts = DoctorTexts
    guard let due = listDueSeconds else {
      return requiresCurrentList
        ? .problem(.revocationList, Texts.strictWithoutList, Texts.copyList)
        : .warning(.revocationList, Texts.noRevocationList, Texts.copyList)
    }
    let date = Texts.date(due)
    if due < now {
      return .problem(
        .revocationList,
        requiresCurrentList ? Texts.strictListWasDue(date) : Texts.listWasDue(date),
        Texts.renewList)
    }
    return due - now < Self.noticeSeconds
      ? .warning(.revocationList, Texts.listDue(date), Texts.renewList)
      : .ok(.revocationList, Texts.listDue(date))
  }
}
