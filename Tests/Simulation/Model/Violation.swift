/// A promise that was broken.
package struct Violation: Error, Hashable, CustomStringConvertible {
  /// Which check found it, for instance `lost-write`.
  package var check: String
  package var detail: String

  init(_ check: String, _ detail: String) {
    self.check = check
    self.detail = detail
  }

  package var description: String { "\(check): \(detail)" }
}
