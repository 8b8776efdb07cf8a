/// Why a local write is refused, and at which path.
public struct EditError: Error, Hashable, Sendable {
  /// nil if the write as a whole is meant.
  public let path: FieldPath?
  public let reason: Reason

  public enum Reason: Hashable, Sendable {
    case deleted
    case reserved
    case value(ValueError)
    case notAllowed(Value, allowed: [Value])
    case writtenTwice
    case flatten(FlattenError)
    case name(NameError)
    /// A set or a journal was given something else than a list.
    case notAList(Policy)
    case notASetOrJournal
    case notASet
    case appendOnly
    case below(FieldPath, Policy)
    case badEntry
    case textTooLong(bytesMax: Int)
    case tooManyPaths(pathsMax: Int)
    case tooLarge(bytesMax: Int)
    /// The record is at a soft limit and the write would enlarge it.
    case recordFull
    case unknownPath
    case unknownDot(Dot)
    case noSuchNumber(Int, count: Int)
    case unknownAuthor(Identity)
    case ambiguousAuthor(Identity)
    /// Several values stand there: which one is the current is not settled.
    case contested
    case noEarlierValue
    case unknownEarlier(DotPattern)
    case ambiguousEarlier(DotPattern)
  }

  init(_ path: FieldPath?, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }
}

extension EditError: CustomStringConvertible {
  public var description: String { (path.map { "\($0): " } ?? "") + reason.description }
}

extension EditError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .deleted: "the record is deleted; bring it back before you edit it"
    case .reserved: "names that begin with $ are reserved"
    case .value(let error): error.description
    case .notAllowed(let value, let allowed):
      "\(value.json.encoded()) is not one of the allowed values "
        + allowed.map { $0.json.encoded() }.joined(separator: ", ")
    case .writtenTwice: "one write sets a path once"
    case .flatten(let error): error.description
    case .name(let error): error.description
    case .notAList(let policy): "a \(policy.rawValue) is stated as a list; use += for one element"
    case .notASetOrJournal: "+= is for sets and journals, and the schema makes this neither"
    case .notASet: "-= is for sets, and the schema does not make this one"
    case .appendOnly: "what stands in a journal stays"
    case .below(let path, let policy):
      "\(path) is a \(policy.rawValue): change it as a whole, or with += and -="
    case .badEntry: "an entry is a text, or an object of \"at\", \"author\" and \"value\""
    case .textTooLong(let bytesMax): "a text has at most \(bytesMax) bytes"
    case .tooManyPaths(let pathsMax): "one write sets at most \(pathsMax) paths"
    case .tooLarge(let bytesMax): "one write holds at most \(bytesMax) bytes of values"
    case .recordFull: "the record is as large as records may grow by hand"
    case .unknownPath: "the record has no such field"
    case .unknownDot(let dot): "no value here was written as \(dot)"
    case .noSuchNumber(let number, let count):
      "there is no value \(number); there are \(count), counted from 1"
    case .unknownAuthor(let author): "no value here is by \(author)"
    case .contested: "several values stand there, so it is open which one came before"
    case .noEarlierValue: "no earlier value is known here"
    case .unknownEarlier(let write): "no value is known here that was written as \(write)"
    case .ambiguousEarlier(let write): "\(write) is short for several writes"
    case .ambiguousAuthor(let author): "several values are by \(author); name one by its dot"
    }
  }
}
