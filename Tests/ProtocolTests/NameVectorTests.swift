import OfficeSyncProtocol
import OfficeSyncRecords
import Testing

/// Names as they stand in records and messages.
@Suite struct NameVectorTests {
  private func isPath(_ bytes: [UInt8]) -> Bool { (try? FieldPath(bytes: bytes)) != nil }
  private func isID(_ bytes: [UInt8]) -> Bool { (try? RecordID(bytes: bytes)) != nil }

  private func isCollection(_ bytes: [UInt8]) -> Bool {
    (try? CollectionName(String(decoding: bytes, as: UTF8.self))) != nil
  }

  @Test(arguments: ["paths", "recordIDs", "collections"])
  func namesAreTakenOrRefused(kind: String) throws {
    let vectors = try VectorFile("names").entries(kind)
    #expect(vectors.count > 5)
    for vector in vectors {
      let bytes = try vector.hex("hex")
      let isTaken =
        switch kind {
        case "paths": isPath(bytes)
        case "recordIDs": isID(bytes)
        default: isCollection(bytes)
        }
      #expect(vector["ok"] == .boolean(isTaken), "\(vector)")
    }
  }
}
