internal import COpenSSL

/// A moment as certificates write it, to the second.
struct CertificateTime {
  /// Seconds since 1970; 0 for a time that cannot be read.
  let seconds: Int64

  /// For instance `2026-11-24 09:30 UTC`.
  let text: String

  /// Whether the moment has passed by this machine's clock; `nil` for a time that cannot be read.
  let isPast: Bool?

  /// Only looks at the time during the call.
  init(borrowing time: UnsafePointer<ASN1_TIME>?) {
    seconds = Self.secondsSince1970(time)
    text = Self.text(of: time)
    switch X509_cmp_current_time(time) {
    case 0: isPast = nil
    case let order: isPast = order < 0
    }
  }

  /// What this machine's clock says.
  static var now: CertificateTime {
    let time = X509_gmtime_adj(nil, 0)
    defer { ASN1_TIME_free(time) }
    return CertificateTime(borrowing: time)
  }

  private static func secondsSince1970(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
    let epoch = ASN1_TIME_set(nil, 0)
    defer { ASN1_TIME_free(epoch) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard time != nil, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return 0 }
    return Int64(days) * 86_400 + Int64(seconds)
  }

  private static func text(of time: UnsafePointer<ASN1_TIME>?) -> String {
    guard time != nil, let general = ASN1_TIME_to_generalizedtime(time, nil) else {
      return "an unreadable date"
    }
    defer { ASN1_GENERALIZEDTIME_free(general) }
    // YYYYMMDDHHMMSSZ
    let digits = UnsafeBufferPointer(
      start: ASN1_STRING_get0_data(general), count: Int(ASN1_STRING_length(general)))
    guard digits.count >= 12 else { return "an unreadable date" }
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(8..<10)):\(part(10..<12)) UTC"
  }
}
