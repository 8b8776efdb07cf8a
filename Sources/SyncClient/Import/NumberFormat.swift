/// How a file writes numbers: its decimal sign, and what may stand between groups of three digits.
struct NumberFormat: Hashable, Sendable {
  static let json = NumberFormat(decimal: ".", grouping: [])

  let decimal: Character
  let grouping: Set<Character>

  /// The number as JSON writes it, with all its digits; nil if the text is no number of this form.
  func jsonNumber(_ text: String) -> String? {
    if self == .json { return text }
    let isNegative = text.first == "-"
    let parts = text.dropFirst(isNegative ? 1 : 0).split(
      separator: decimal, maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let whole = ungrouped(first) else { return nil }
    var number = isNegative ? "-" + whole : whole
    if parts.count == 2 {
      guard isDigits(parts[1]) else { return nil }
      number += ".\(parts[1])"
    }
    return number
  }

  /// Takes the signs out from between groups; nil unless they stand three digits apart.
  private func ungrouped(_ text: Substring) -> String? {
    let groups = text.split(omittingEmptySubsequences: false) { grouping.contains($0) }
    guard groups.allSatisfy(isDigits) else { return nil }
    if groups.count > 1 {
      guard groups[0].count <= 3, groups.dropFirst().allSatisfy({ $0.count == 3 }) else {
        return nil
      }
    }
    return groups.joined()
  }

  private func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
  }
}
