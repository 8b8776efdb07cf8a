// swift-tools-version: 6.2
import PackageDescription

// CI sets this; a user's build with a newer compiler must not fail on a new warning.
let warningsAreErrors = Context.environment["OFFICESYNC_WARNINGS_AS_ERRORS"] != nil

// `scripts/simulate` sets this; who builds the product does not pay for the simulator's program.
let withSimulator = Context.environment["OFFICESYNC_SIMULATOR"] != nil

// `scripts/fuzz` sets this: its package needs the store that the tests keep in memory, and what reads `config.toml`.
let withFuzzer = Context.environment["OFFICESYNC_FUZZER"] != nil

// `scripts/micro` sets this: its package measures OpenSSL alone beside ours, with the certificates that tests have.
let withBenchmarks = Context.environment["OFFICESYNC_BENCHMARKS"] != nil

// `scripts/coverage` sets this: the layers without I/O count how often each line runs; all else is built as ever.
let withCoverage = Context.environment["OFFICESYNC_COVERAGE"] != nil
let counting: [SwiftSetting] =
  withCoverage ? [.unsafeFlags(["-profile-generate", "-profile-coverage-mapping"])] : []
let counted: [LinkerSetting] = withCoverage ? [.unsafeFlags(["-profile-generate"])] : []

// What is linked statically exports every Swift symbol unless told not to, 34,000 that nobody looks up: each start of a program
// goes through them.
let hidden: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux]))
]

let settings: [SwiftSetting] =
  [.enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny")]
  + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
  // `scripts/mutants` builds file by file, and runs what it built for thousands of seeds. Exclusive access is checked by the tests.
  + (withSimulator
    ? [
      .unsafeFlags(["-O", "-enforce-exclusivity=unchecked"]),
      .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    ] : [])

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms = Target.Dependency.product(
  name: "AsyncAlgorithms", package: "swift-async-algorithms")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let certificates = Target.Dependency.product(name: "X509", package: "swift-certificates")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let unixSignals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")

// The layers, in the order of docs/ARCHITECTURE: nothing points back.
func library(
  _ folder: String, _ dependencies: [Target.Dependency] = []
) -> Target {
  let isCounted = ["Records", "Protocol", "Replication"].contains(folder)
  return .target(
    name: "OfficeSync\(folder)", dependencies: dependencies, path: "Sources/\(folder)",
    swiftSettings: settings + (isCounted ? counting : []))
}

func tests(
  _ folder: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "OfficeSync\(folder)", dependencies: dependencies, path: "Tests/\(folder)",
    exclude: exclude, swiftSettings: settings, linkerSettings: counted)
}

let package = Package(
  name: "OfficeSync",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "syncserver", targets: ["syncserver"]),
    .executable(name: "syncclient", targets: ["syncclient"]),
    .library(name: "OfficeSyncRecords", targets: ["OfficeSyncRecords"]),
    .library(name: "OfficeSyncProtocol", targets: ["OfficeSyncProtocol"]),
    .library(name: "OfficeSyncReplication", targets: ["OfficeSyncReplication"]),
    .library(name: "OfficeSyncStorage", targets: ["OfficeSyncStorage"]),
    .library(name: "OfficeSyncCompression", targets: ["OfficeSyncCompression"]),
    .library(name: "OfficeSyncSecureTransport", targets: ["OfficeSyncSecureTransport"]),
    .library(name: "OfficeSyncSyncLink", targets: ["OfficeSyncSyncLink"]),
  ]
    + (withFuzzer
      ? [
        .library(name: "OfficeSyncInMemoryStore", targets: ["OfficeSyncInMemoryStore"]),
        .library(name: "OfficeSyncCommandSupport", targets: ["OfficeSyncCommandSupport"]),
      ] : [])
    + (withBenchmarks
      ? [
        .library(name: "COpenSSL", targets: ["COpenSSL"]),
        .library(name: "OfficeSyncTestSupport", targets: ["OfficeSyncTestSupport"]),
      ] : []),
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-async-algorithms", exact: "1.1.4"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(
      name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(name: "CFileTimes", path: "Sources/CFileTimes"),
    .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),
    library("Records"),
    library("Protocol", ["OfficeSyncRecords", crypto]),
    library("Replication", ["OfficeSyncRecords", "OfficeSyncProtocol"]),
    library(
      "Storage", ["OfficeSyncRecords", "OfficeSyncProtocol", "CFileTimes", grdb, grdbSQLite]),
    library("Compression", ["OfficeSyncProtocol", "CZstd"]),
    library("SecureTransport", ["COpenSSL", nioCore]),
    library(
      "SyncLink",
      [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncCompression", "OfficeSyncSecureTransport", asyncAlgorithms, logging, nioCore,
        nioPosix,
      ]),
    library("CommandSupport", ["OfficeSyncRecords", argumentParser]),
    // The one place where the errors of all layers become what a person is told.
    library(
      "CommandErrors",
      [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncSecureTransport", "OfficeSyncSyncLink", "OfficeSyncCommandSupport",
      ]),
    .executableTarget(
      name: "syncserver",
      dependencies: [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncSecureTransport", "OfficeSyncSyncLink", "OfficeSyncCommandSupport",
        "OfficeSyncCommandErrors", argumentParser, asn1, certificates, crypto, logging,
        unixSignals,
      ],
      path: "Sources/SyncServer", swiftSettings: settings, linkerSettings: counted + hidden),
    .executableTarget(
      name: "syncclient",
      dependencies: [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncSecureTransport", "OfficeSyncSyncLink", "OfficeSyncCommandSupport",
        "OfficeSyncCommandErrors", argumentParser, asn1, certificates, crypto, logging,
      ],
      path: "Sources/SyncClient", swiftSettings: settings, linkerSettings: counted + hidden),

    .target(
      name: "OfficeSyncTestSupport",
      dependencies: [
        "OfficeSyncRecords", "OfficeSyncProtocol", "CSpawn", asn1, certificates, crypto,
      ],
      path: "Tests/TestSupport", swiftSettings: settings),
    .target(
      name: "OfficeSyncInMemoryStore",
      dependencies: ["OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncStorage"],
      path: "Tests/InMemoryStore", swiftSettings: settings),
    .target(
      name: "OfficeSyncSimulation",
      dependencies: [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncSyncLink", "OfficeSyncInMemoryStore", "OfficeSyncTestSupport",
      ],
      path: "Tests/Simulation", swiftSettings: settings),
    tests("SimulationTests", ["OfficeSyncSimulation"]),
    tests("RecordsTests", ["OfficeSyncRecords", "OfficeSyncTestSupport"]),
    tests("ProtocolTests", ["OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncTestSupport"]),
    tests(
      "ReplicationTests",
      [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncSyncLink", "OfficeSyncTestSupport",
      ]),
    tests(
      "StorageTests",
      [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncStorage",
        "OfficeSyncInMemoryStore", "OfficeSyncTestSupport", grdb,
      ], exclude: ["Stores"]),
    tests(
      "SecureTransportTests",
      [
        "OfficeSyncSecureTransport", "OfficeSyncTestSupport", crypto, nioCore, nioPosix,
        nioEmbedded,
      ]),
    tests(
      "CompressionTests",
      ["OfficeSyncProtocol", "OfficeSyncCompression", "OfficeSyncTestSupport", "CZstd"]),
    tests(
      "SyncLinkTests",
      [
        "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication", "OfficeSyncStorage",
        "OfficeSyncCompression", "OfficeSyncSecureTransport", "OfficeSyncSyncLink",
        "OfficeSyncTestSupport", nioCore,
        nioPosix, nioEmbedded, logging,
      ]),
    tests(
      "CommandSupportTests",
      [
        "OfficeSyncCommandSupport", "OfficeSyncRecords", "OfficeSyncTestSupport", argumentParser,
      ]),
    tests(
      "SyncServerTests",
      [
        "syncserver", "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication",
        "OfficeSyncStorage", "OfficeSyncSyncLink", "OfficeSyncCommandSupport",
        "OfficeSyncCommandErrors", "OfficeSyncTestSupport", argumentParser, asn1, certificates,
        crypto, logging,
      ]),
    tests(
      "SyncClientTests",
      [
        "syncclient", "OfficeSyncRecords", "OfficeSyncProtocol", "OfficeSyncReplication",
        "OfficeSyncStorage", "OfficeSyncSecureTransport", "OfficeSyncSyncLink",
        "OfficeSyncCommandSupport", "OfficeSyncCommandErrors", "OfficeSyncTestSupport",
        argumentParser, asn1, certificates,
      ]),
    tests(
      "EndToEnd",
      [
        "syncserver", "syncclient", "OfficeSyncRecords", "OfficeSyncTestSupport", argumentParser,
        certificates,
      ],
      exclude: ["Python"]),
    tests("Tidy", ["OfficeSyncTestSupport"]),
  ]
    + (withSimulator
      ? [
        .executableTarget(
          name: "simulate", dependencies: ["OfficeSyncSimulation"], path: "Tests/Simulate",
          swiftSettings: settings)
      ] : []),
  swiftLanguageModes: [.v6]
)
