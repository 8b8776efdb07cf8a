import Benchmark
import OfficeSyncSecureTransport

/// Connections from nothing until both sides know each other, both sides' work on one core.
func handshakes() {
  let count = 20
  measure("Handshake", things: count, turns: 20, percent: 2) {
    let credentials = try Credentials()
    return Turns(each: (try credentials.context(.client), try credentials.context(.server)))
  } _: { client, server in
    for _ in 0..<count { try TLSPair(client: client, server: server).shakeHands() }
  }
  measure("Handshake-of-OpenSSL-alone", things: count, turns: 20, percent: 2) {
    Turns(each: try RawTLS(Credentials()))
  } _: { raw in
    for _ in 0..<count { try raw.connection().shakeHands() }
  }
  measure("Handshake-resumed", things: count, turns: 20, percent: 2) {
    let credentials = try Credentials()
    let visitor = try Visitor(
      client: credentials.context(.client),
      server: credentials.context(.server, sessions: TLSSessionCache()))
    try visitor.visit()
    return Turns(each: visitor)
  } _: { visitor in
    for _ in 0..<count { try visitor.visit() }
  }
}

/// Comes back with what it was given at its last visit, as devices do.
private final class Visitor {
  private let client: TLSContext
  private let server: TLSContext
  private var ticket: [UInt8]?

  init(client: TLSContext, server: TLSContext) {
    self.client = client
    self.server = server
  }

  func visit() throws {
    let pair = try TLSPair(client: client, server: server, resuming: ticket)
    try pair.shakeHands()
    guard let next = pair.ticket else { throw UnexpectedShape() }
    ticket = next
  }
}
