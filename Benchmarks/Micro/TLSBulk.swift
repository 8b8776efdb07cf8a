import Benchmark
import NIOCore
import OfficeSyncSecureTransport

/// Much data over one connection, encrypted and decrypted on one core; counted in MiB.
func tlsBulk() {
  let mebibytes = 16
  let piece = [UInt8](repeating: 0x5A, count: 64 * 1_024)
  let pieces = mebibytes * 16
  measure("TLS-bulk", things: mebibytes, turns: 30, percent: 2) {
    let credentials = try Credentials()
    let pair = try TLSPair(
      client: credentials.context(.client), server: credentials.context(.server))
    try pair.shakeHands()
    return Turns(each: (pair, ByteBuffer(bytes: piece)))
  } _: { pair, bytes in
    for _ in 0..<pieces where try pair.send(bytes) != piece.count { throw UnexpectedShape() }
  }
  measure("TLS-bulk-of-OpenSSL-alone", things: mebibytes, turns: 30, percent: 2) {
    let connection = try RawTLS(Credentials()).connection()
    try connection.shakeHands()
    return Turns(each: connection)
  } _: { connection in
    var room = [UInt8](repeating: 0, count: piece.count)
    for _ in 0..<pieces where try connection.send(piece, through: &room) != piece.count {
      throw UnexpectedShape()
    }
  }
}
