internal import COpenSSL

/// One entry of OpenSSL's error queue.
struct OpenSSLStep {
  /// Which part of OpenSSL failed (`ERR_LIB_…`).
  let library: Int32
  /// Why, as a number of that part (`SSL_R_…`, `PEM_R_…`).
  let reason: Int32
  let text: String
}

/// The calling thread's error queue. OpenSSL appends to it, so it is cleared before each call whose failure matters.
enum OpenSSLErrorQueue {
  static func clear() {
    ERR_clear_error()
  }

  /// Takes the whole queue, oldest first: the oldest entry is the cause, later ones are those who passed it on.
  static func drain() -> [OpenSSLStep] {
    var steps: [OpenSSLStep] = []
    while true {
      var data: UnsafePointer<CChar>?
      var flags: Int32 = 0
      let code = ERR_get_error_all(nil, nil, nil, &data, &flags)
      guard code != 0 else { return steps }
      var text = [CChar](repeating: 0, count: 256)
      ERR_error_string_n(code, &text, text.count)
      var message = text.withUnsafeBufferPointer { bytes in
        bytes.baseAddress.map { String(cString: $0) } ?? ""
      }
      if let data, flags & ERR_TXT_STRING != 0 {
        let detail = String(cString: data)
        if !detail.isEmpty { message += " (\(detail))" }
      }
      steps.append(
        OpenSSLStep(library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code), text: message))
    }
  }
}

extension TLSError {
  /// An error whose library steps are what the queue holds now.
  init(drainingQueueAs code: Code, _ reason: String) {
    self.init(code, reason, librarySteps: OpenSSLErrorQueue.drain().map(\.text))
  }
}
