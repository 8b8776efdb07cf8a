/// What `scripts/micro` measures. The name is the one that the package of benchmarks looks for.
let benchmarks: @Sendable () -> Void = {
  recordCodec()
  merging()
  versionVectors()
  fingerprints()
  tlsBulk()
  handshakes()
  storeApply()
  storeScan()
}
