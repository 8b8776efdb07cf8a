/// One figure with its values, in Prometheus's text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats).
struct MetricFamily: Hashable, Sendable {
  enum Kind: String, Sendable {
    /// Only rises, from 0 at the start of the program.
    case counter
    case gauge
  }

  struct Sample: Hashable, Sendable {
    /// In the order in which they are written.
    var labels: [Label]
    /// A number as Prometheus reads it.
    var value: String
  }

  struct Label: Hashable, Sendable {
    /// `[a-z_]+`
    var name: String
    /// Any text.
    var value: String
  }

  /// `[a-z_]+`
  var name: String
  var kind: Kind
  /// What it says, for people.
  var help: String
  var samples: [Sample] = []

  init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  init(_ name: String, _ kind: Kind, _ help: String, value: some BinaryInteger) {
    self.init(name, kind, help)
    add(value)
  }

  mutating func add(_ value: some BinaryInteger, _ labels: (String, String)...) {
    samples.append(
      Sample(labels: labels.map { Label(name: $0, value: $1) }, value: String(value)))
  }

  /// - Parameter value: finite.
  mutating func add(_ value: Double, _ labels: (String, String)...) {
    samples.append(
      Sample(labels: labels.map { Label(name: $0, value: $1) }, value: "\(value)"))
  }

  /// Its lines; none where there is no value.
  var text: String {
    if samples.isEmpty { return "" }
    let head = "# HELP \(name) \(help.escapedHelp)\n# TYPE \(name) \(kind.rawValue)\n"
    return samples.reduce(into: head) { text, sample in
      let labels = sample.labels.map { "\($0.name)=\"\($0.value.escapedLabel)\"" }
      let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
      text += "\(name)\(braces) \(sample.value)\n"
    }
  }
}

extension String {
  fileprivate var escapedHelp: String {
    replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  fileprivate var escapedLabel: String { escapedHelp.replacing("\"", with: "\\\"") }
}
