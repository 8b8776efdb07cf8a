import OfficeSyncCommandSupport
import OfficeSyncSecureTransport

extension PassphraseSource {
  /// What is known without asking anybody.
  public var passphrase: Passphrase? {
    switch self {
    case .terminal, .standardInput: nil
    case .file(let path): .file(path: path)
    case .typed(let bytes): .typed(bytes)
    }
  }

  /// The same, with the answer of whoever was asked, if one of the keys needs that.
  ///
  /// - Parameter keys: paths; one passphrase opens them all.
  /// - Throws: `CancellationError`
  public func asked(toOpen keys: [String], on console: Console) throws -> PassphraseSource {
    guard passphrase == nil, let key = keys.first(where: { KeyPEM.isProtected(.file(path: $0)) })
    else { return self }
    let answer = try console.passphrase(
      of: key, isNew: false, readsInput: self == .standardInput)
    return answer.map { .typed($0) } ?? self
  }

  /// What is to protect a key that is about to be made; nil for nothing. A key that takes the place of a protected one is
  /// protected as well.
  ///
  /// - Parameter key: where it is going to lie.
  /// - Throws: `CommandError` `passphrase-differs` (65), `passphrase-needed` (77); `CancellationError`
  public func protection(for key: String, on console: Console) throws -> Passphrase? {
    if let passphrase { return passphrase }
    guard self == .standardInput || KeyPEM.isProtected(.file(path: key)) else { return nil }
    let answer = try console.passphrase(of: key, isNew: true, readsInput: self == .standardInput)
    guard let answer else {
      throw CommandError(
        TLSError(.keyLocked, "the key \(key) is protected with a passphrase, and none was given"))
    }
    return .typed(answer)
  }
}
