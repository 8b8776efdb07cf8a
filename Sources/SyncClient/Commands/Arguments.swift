import ArgumentParser
import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords

extension CollectionName {
  /// - Throws: `CommandError` `bad-name` (65)
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw CommandError.badName(text, error) }
  }

  /// A collection that people write.
  /// - Throws: `CommandError` `bad-name`, `offices-own-collection` (65)
  init(toWrite text: String) throws {
    try self.init(argument: text)
    if self == .office { throw CommandError.officesOwnCollection }
  }
}

extension RecordID {
  /// - Throws: `CommandError` `bad-name` (65)
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw CommandError.badName(text, error) }
  }
}

extension FieldPath {
  /// - Throws: `CommandError` `bad-name` (65)
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw CommandError.badName(text, error) }
  }
}

extension Identity {
  /// Whose edits are handed in.
  ///
  /// - Throws: `CommandError` `bad-identity` (65)
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw CommandError.badIdentity(text) }
  }
}

/// Names one record.
struct RecordArguments: ParsableArguments {
  @Argument(help: "The collection's name.")
  var collection: String

  @Argument(help: "The record's ID.")
  var id: String

  func parsed() throws -> (collection: CollectionName, id: RecordID) {
    (try CollectionName(argument: collection), try RecordID(argument: id))
  }

  /// - Throws: `CommandError` `bad-name`, `offices-own-collection` (65)
  func toWrite() throws -> (collection: CollectionName, id: RecordID) {
    (try CollectionName(toWrite: collection), try RecordID(argument: id))
  }
}

extension Console {
  /// Says what came of a command that makes at most one write.
  ///
  /// - Parameters:
  ///   - dot: the write; nil if there was nothing to write.
  ///   - done: the sentence for a write.
  ///   - unchanged: the sentence for none.
  func report(
    _ dot: Dot?, _ done: @autoclosure () -> Prose, orElse unchanged: @autoclosure () -> Prose
  ) throws {
    try document(
      .object([
        JSONMember("dot", dot.map { .string($0.description) } ?? .null),
        JSONMember("changed", .boolean(dot != nil)),
      ]))
    try print(dot == nil ? unchanged() : done())
  }
}
