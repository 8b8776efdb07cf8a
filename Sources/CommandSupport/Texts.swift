/// The words of this module that people read.
///
/// Texts for people stand in one place a module, its `Texts.swift`: an `enum Texts` of static
/// functions, one a sentence, with the values as arguments; what fails has its sentences in
/// `CommandError` factories beside it. A function gives a whole sentence and never a piece to be
/// glued, since French and Arabic order words in their own ways. A language joins by a switch
/// inside these functions; no caller changes. Names and values from outside go in raw: whoever
/// prints escapes (``Prose`` does it for each value).
enum Texts {
  /// A failure in one line.
  static func error(_ error: CommandError) -> Prose {
    error.remedy.isEmpty
      ? "error: \(error.message)" : "error: \(error.message) \(error.remedy)"
  }

  static func usageError(_ message: String) -> Prose { "error: \(message)" }

  static let noCommand = "No command is named."

  static func perSecond(_ amount: String) -> String { "\(amount)/s" }

  static func timeLeft(_ time: String) -> String { "\(time) left" }
}
