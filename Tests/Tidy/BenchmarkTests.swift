import Testing

/// What `scripts/micro check` holds, without building it.
@Suite struct BenchmarkTests {
  /// The tool that checks them passes over a benchmark without a threshold, and over a threshold without a benchmark.
  @Test func eachBenchmarkHasItsThreshold() throws {
    let repository = try Repository()
    let benchmarks = try repository.swiftFiles(in: "Benchmarks/Micro").flatMap { file in
      try repository.lines(of: file).flatMap { line in
        line.matches(of: #/measure\("([^"]+)"/#).map { String($0.1) }
      }
    }
    let thresholds = repository.files.compactMap { file in
      file.wholeMatch(of: #/Benchmarks/Thresholds/Micro\.(.+)\.p90\.json/#).map { String($0.1) }
    }
    #expect(benchmarks.count > 10)
    #expect(benchmarks.sorted() == thresholds.sorted())
  }
}
