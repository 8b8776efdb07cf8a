import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport

/// One file of `Tests/Vectors`.
struct VectorFile {
  struct Malformed: Error {
    let what: String
  }

  private let root: JSONValue

  init(_ name: String) throws {
    let url = URL(fileURLWithPath: RepositoryFiles.path("Tests/Vectors/\(name).json"))
    root = try JSONValue(parsing: [UInt8](try Data(contentsOf: url)))
  }

  /// The entries of a list of the file, for instance `good` or `bad`.
  func entries(_ list: String) throws -> [VectorEntry] {
    try VectorEntry(json: root).list(list)
  }
}

/// One object of a file of vectors.
struct VectorEntry: CustomStringConvertible {
  let json: JSONValue

  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = json else { return nil }
    return members.first { $0.name == name }?.value
  }

  func text(_ name: String) throws -> String {
    guard case .string(let text)? = self[name] else { throw VectorFile.Malformed(what: name) }
    return text
  }

  func hex(_ name: String) throws -> [UInt8] {
    guard let bytes = Hex.bytes(of: try text(name).filter { $0 != " " }) else {
      throw VectorFile.Malformed(what: name)
    }
    return bytes
  }

  func number(_ name: String) throws -> String {
    guard case .number(let digits)? = self[name] else { throw VectorFile.Malformed(what: name) }
    return digits
  }

  func list(_ name: String) throws -> [VectorEntry] {
    guard case .array(let items)? = self[name] else { throw VectorFile.Malformed(what: name) }
    return items.map { VectorEntry(json: $0) }
  }

  var description: String { (try? text("name")) ?? (try? text("hex")) ?? "\(json)" }
}
