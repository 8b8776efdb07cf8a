import Foundation
import OfficeSyncTestSupport

extension Mesh {
  private static let peer = RepositoryFiles.path("Tests/EndToEnd/Python/peer.py")

  /// Dials a started server as something else than our client.
  /// - Parameter identity: shows the certificate of this store.
  func dial(_ office: String, as identity: String? = nil, _ options: [String]) throws -> ProgramRun
  {
    try BuiltPrograms.run("python3", dialling(office, as: identity, options), in: path)
  }

  /// The same, left alone while the test goes on.
  func dialInBackground(
    _ office: String, as identity: String? = nil, _ options: [String], label: String
  ) throws -> RunningProgram {
    try RunningProgram("python3", dialling(office, as: identity, options), in: path, label: label)
  }

  private func dialling(_ office: String, as identity: String?, _ options: [String]) -> [String] {
    [Self.peer, "dial", String(port(office))] + options
      + (identity.map { ["--cert", "\($0)/identity.pem", "--key", "\($0)/identity.key"] } ?? [])
  }

  /// Starts something that is no office of ours.
  /// - Returns: it, and its HOST:PORT.
  func startPeer(
    _ arguments: [String], label: String
  ) throws -> (peer: RunningProgram, address: String) {
    let peer = try RunningProgram("python3", [Self.peer] + arguments, in: path, label: label)
    peers.append(peer)
    try peer.wait { $0.output.contains("listening on ") && $0.output.hasSuffix("\n") }
    return (peer, String(peer.output.dropFirst("listening on ".count).dropLast()))
  }

  // MARK: The server's log

  /// The lines of a started server's log that say a connection or a session came to a bad end.
  func refusals(at office: String) -> [Substring] {
    (server(office)?.errors ?? "").split(separator: "\n").filter {
      $0.contains("connection refused") || $0.contains("session broken off")
    }
  }

  /// Waits until the log holds so many of them.
  func waitForRefusals(_ count: Int, at office: String) throws -> [Substring] {
    try server(office)?.wait { _ in refusals(at: office).count >= count }
    return refusals(at: office)
  }
}
