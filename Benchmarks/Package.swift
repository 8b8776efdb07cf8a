// swift-tools-version: 6.3
import PackageDescription

// A package of its own: nobody who builds the product pays for what measures it. `scripts/micro` builds and runs it.
let package = Package(
  name: "OfficeSyncBenchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "OfficeSync", path: ".."),
    // Without traits: those would count allocations with a library that has to be installed or downloaded.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    // Which version is for the product to say.
    .package(url: "https://github.com/apple/swift-nio", from: "2.0.0"),
  ],
  targets: [
    .target(name: "CAllocations", path: "CAllocations"),
    .executableTarget(
      name: "Micro",
      dependencies: [
        "CAllocations",
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "COpenSSL", package: "OfficeSync"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "OfficeSyncProtocol", package: "OfficeSync"),
        .product(name: "OfficeSyncRecords", package: "OfficeSync"),
        .product(name: "OfficeSyncSecureTransport", package: "OfficeSync"),
        .product(name: "OfficeSyncStorage", package: "OfficeSync"),
        .product(name: "OfficeSyncTestSupport", package: "OfficeSync"),
      ],
      path: "Micro",
      swiftSettings: [
        .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny"),
      ],
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
