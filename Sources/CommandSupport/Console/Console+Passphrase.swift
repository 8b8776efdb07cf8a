import Foundation

extension Console {
  /// Asks for the passphrase of a key on the terminal, or reads it from standard input.
  ///
  /// - Parameters:
  ///   - key: the key's path.
  ///   - isNew: whether it is to protect a key from now on: then a terminal asks twice.
  ///   - readsInput: whether standard input holds it if that is no terminal.
  /// - Returns: nil when there is nobody to ask.
  /// - Throws: ``CommandError`` `passphrase-differs` (65)
  public func passphrase(of key: String, isNew: Bool, readsInput: Bool) throws -> [UInt8]? {
    let question: Prose = isNew ? "New passphrase of \(key):" : "Passphrase of \(key):"
    guard let first = try askSecret(question) else {
      return readsInput && isatty(0) != 1 ? StandardInput.line() ?? [] : nil
    }
    if isNew, try askSecret("The same once more:") != first { throw CommandError.passphraseDiffers }
    return first
  }
}
