/// How long the authority lasts with which an office enrols devices.
struct EnrolmentTerms: Hashable, Sendable {
  /// As long as a device's certificate: one that is issued later than that before the end is cut short.
  static let noticeSeconds: Int64 = 30 * 86_400

  /// Seconds since 1970.
  var endSeconds: Int64

  /// - Parameter now: seconds since 1970.
  func finding(at now: Int64) -> Finding {
    let end = DoctorTexts.enrolmentEnds(DoctorTexts.date(endSeconds))
    if endSeconds <= now {
      return .problem(.enrolment, end, DoctorTexts.newEnrolment)
    }
    return endSeconds - now < Self.noticeSeconds
      ? .warning(.enrolment, end, DoctorTexts.newEnrolment) : .ok(.enrolment, end)
  }
}
