import Testing

/// Which module may import which of ours, and where the C libraries are confined to (docs/ARCHITECTURE.md).
@Suite struct LayerTests {
  private let repository: Repository

  init() throws {
    repository = try Repository()
  }

  /// Folder in `Sources/` → the modules of ours that it may import.
  private static let layers: [String: Set<String>] = [
    "COpenSSL": [],
    "CZstd": [],
    "CFileTimes": [],
    "Compression": ["OfficeSyncProtocol", "CZstd"],
    "Records": [],
    "Protocol": ["OfficeSyncRecords"],
    "Replication": ["OfficeSyncRecords", "OfficeSyncProtocol"],
    "Storage": ["OfficeSyncRecords", "OfficeSyncProtocol", "CFileTimes"],
    "SecureTransport": ["COpenSSL"],
    "SyncLink": [
      "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
      "OfficeSyncCompression", "OfficeSyncSecureTransport",
    ],
    "CommandSupport": ["OfficeSyncRecords"],
    "CommandErrors": [
      "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
      "OfficeSyncSecureTransport", "OfficeSyncSyncLink", "OfficeSyncCommandSupport",
    ],
    "SyncServer": programs,
    "SyncClient": programs,
  ]
  private static let programs: Set<String> = [
    "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
    "OfficeSyncSecureTransport", "OfficeSyncSyncLink", "OfficeSyncCommandSupport",
    "OfficeSyncCommandErrors",
  ]

  @Test func everyFolderOfSourcesHasItsPlace() {
    let folders = Set(
      repository.files.filter { $0.hasPrefix("Sources/") }.map { $0.split(separator: "/")[1] })
    #expect(folders.map(String.init).sorted() == Self.layers.keys.sorted())
  }

  @Test func nothingPointsBack() throws {
    var wrong: [String] = []
    for (folder, allowed) in Self.layers {
      for file in repository.swiftFiles(in: "Sources/\(folder)") {
        let ours = try repository.imports(of: file).filter {
          $0.hasPrefix("OfficeSync") || ["COpenSSL", "CZstd", "CFileTimes"].contains($0)
        }
        wrong += ours.filter { !allowed.contains($0) }.map { "\(file) imports \($0)" }
      }
    }
    #expect(wrong.sorted() == [])
  }

  @Test func recordsNeedNothingButTheStandardLibrary() throws {
    try expectImports(
      ["Swift", "Synchronization"], in: repository.swiftFiles(in: "Sources/Records"))
  }

  @Test func protocolAndReplicationTouchNoSystem() throws {
    try expectImports(
      ["Crypto", "OfficeSyncRecords", "OfficeSyncProtocol"],
      in: repository.swiftFiles(in: "Sources/Protocol", "Sources/Replication"))
  }

  @Test(arguments: [
    ("COpenSSL", ["Sources/SecureTransport/OpenSSL/", "Benchmarks/Micro/RawTLS.swift"]),
    ("CFileTimes", ["Sources/Storage/SQLite/Healing/"]),
    ("CSpawn", ["Tests/TestSupport/"]),
    ("CZstd", ["Sources/Compression/", "Tests/CompressionTests/"]),
    ("GRDB", ["Sources/Storage/SQLite/", "Tests/StorageTests/"]),
    ("GRDBSQLite", ["Sources/Storage/SQLite/", "Tests/StorageTests/"]),
    ("SQLite3", []),
    ("XCTest", []),
  ])
  func isImportedInItsOwnFolderAlone(module: String, folders: [String]) throws {
    let importers = try repository.swiftFiles(in: "Sources", "Tests", "Benchmarks").filter {
      try repository.imports(of: $0).contains(module)
    }
    #expect(importers.filter { file in !folders.contains { file.hasPrefix($0) } } == [])
  }

  private func expectImports(_ allowed: Set<String>, in files: [String]) throws {
    #expect(!files.isEmpty)
    let others = try files.flatMap { file in
      try repository.imports(of: file).filter { !allowed.contains($0) }.map {
        "\(file) imports \($0)"
      }
    }
    #expect(others == [])
  }
}
