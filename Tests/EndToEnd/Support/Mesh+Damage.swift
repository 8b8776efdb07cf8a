import Foundation
import Testing

extension Mesh {
  /// Flips one bit of a text in one of a store's files.
  func flip(_ text: String, in store: String, file: String = "store.sqlite") throws {
    let handle = try FileHandle(forUpdating: URL(filePath: "\(path)/\(store)/\(file)"))
    let bytes = try handle.readToEnd() ?? Data()
    // The last one: in a log, what is newest.
    let place = try #require(bytes.range(of: Data(text.utf8), options: .backwards))
    try handle.seek(toOffset: UInt64(place.lowerBound + 3))
    try handle.write(contentsOf: [bytes[place.lowerBound + 3] ^ 1])
    try handle.close()
  }

  /// Makes the page of a store's file on which a text stands one that is of no kind.
  func breakPage(of text: String, in store: String) throws {
    let handle = try FileHandle(forUpdating: URL(filePath: "\(path)/\(store)/store.sqlite"))
    let bytes = try handle.readToEnd() ?? Data()
    let place = try #require(bytes.range(of: Data(text.utf8))?.lowerBound)
    let page = place / 4_096 * 4_096
    try handle.seek(toOffset: UInt64(page))
    try handle.write(contentsOf: [bytes[page] ^ 0x40])
    try handle.close()
  }
}
