// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the fuzzer's flags must not reach the product, and nobody who builds the product pays for it.
// `scripts/fuzz` builds and runs it.
let package = Package(
  name: "OfficeSyncFuzz",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "OfficeSync", path: ".."),
    // Which version is for the product to say.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.0.0"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.0.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.0.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
  ],
  targets: [
    .executableTarget(
      name: "FuzzDecoders",
      dependencies: [
        .product(name: "OfficeSyncRecords", package: "OfficeSync"),
        .product(name: "OfficeSyncProtocol", package: "OfficeSync"),
        .product(name: "OfficeSyncCompression", package: "OfficeSync"),
        .product(name: "OfficeSyncReplication", package: "OfficeSync"),
        .product(name: "OfficeSyncStorage", package: "OfficeSync"),
        .product(name: "OfficeSyncSecureTransport", package: "OfficeSync"),
        .product(name: "OfficeSyncCommandSupport", package: "OfficeSync"),
        .product(name: "OfficeSyncInMemoryStore", package: "OfficeSync"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: [
        .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny"),
        .enableExperimentalFeature("Extern"), .unsafeFlags(["-parse-as-library"]),
      ])
  ],
  swiftLanguageModes: [.v6]
)
