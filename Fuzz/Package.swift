// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the fuzzer's flags must not reach the product, and nobody who builds the product pays for it.
// `scripts/fuzz` builds and runs it.
let package = Package(
  name: "OfficeSyncFuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "OfficeSync", path: "..")],
  targets: [
    .executableTarget(
      name: "FuzzDecoders",
      dependencies: [
        .product(name: "OfficeSyncRecords", package: "OfficeSync"),
        .product(name: "OfficeSyncProtocol", package: "OfficeSync"),
        .product(name: "OfficeSyncCompression", package: "OfficeSync"),
        .product(name: "OfficeSyncReplication", package: "OfficeSync"),
        .product(name: "OfficeSyncStorage", package: "OfficeSync"),
        .product(name: "OfficeSyncInMemoryStore", package: "OfficeSync"),
      ],
      swiftSettings: [
        .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny"),
        .enableExperimentalFeature("Extern"), .unsafeFlags(["-parse-as-library"]),
      ])
  ],
  swiftLanguageModes: [.v6]
)
