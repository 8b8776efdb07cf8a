import NIOCore
import NIOEmbedded
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

@Suite struct TLSHandlerTests {
  let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  private func pair(handshakeTimeout: TimeAmount = TLSLimits.handshakeTime) throws -> EmbeddedPair {
    let pair = try EmbeddedPair(
      client: organisation.client(), server: organisation.server(),
      handshakeTimeout: handshakeTimeout)
    try pair.connect()
    return pair
  }

  /// A pair whose handshake is done.
  private func securePair() throws -> EmbeddedPair {
    let pair = try pair()
    try pair.carry()
    try #require(pair.client.probe.peer != nil && pair.server.probe.peer != nil)
    return pair
  }

  // MARK: Bytes in any pieces

  @Test func oneByteAtATime() throws {
    let pair = try pair()
    try pair.carry(piecesOf: 1)
    let question = ByteBuffer(string: String(repeating: "Casablanca ", count: 100))
    pair.client.channel.writeAndFlush(question, promise: nil)
    pair.server.channel.writeAndFlush(ByteBuffer(string: "مرحبا"), promise: nil)
    try pair.carry(piecesOf: 1)
    #expect(pair.server.probe.peer?.uri == Organisation.fieldURI)
    #expect(pair.server.probe.received == question)
    #expect(String(buffer: pair.client.probe.received) == "مرحبا")
    #expect(pair.client.probe.errors.isEmpty && pair.server.probe.errors.isEmpty)
  }

  @Test func handshakeCarriesNoRoots() throws {
    let pair = try securePair()
    // 1.75 kB in all when leaf certificates are the only ones sent; each root would add 400 B.
    #expect(pair.client.handler.bytesSent + pair.server.handler.bytesSent < 1_950)
    #expect(pair.client.handler.bytesSent == pair.server.handler.bytesReceived)
    #expect(pair.server.handler.bytesSent == pair.client.handler.bytesReceived)
  }

  @Test func handshakeEndsWithoutTickets() throws {
    let pair = try pair()
    _ = try pair.server.channel.writeInbound(pair.client.takeSent())
    _ = try pair.client.channel.writeInbound(pair.server.takeSent())
    _ = try pair.server.channel.writeInbound(pair.client.takeSent())
    #expect(pair.server.probe.peer != nil)
    #expect(try pair.server.takeSent().readableBytes == 0)
  }

  @Test func smallWritesShareARecord() throws {
    let pair = try securePair()
    let before = pair.client.handler.bytesSent
    let promises = (0..<3).map { _ in pair.loop.makePromise(of: Void.self) }
    for promise in promises {
      pair.client.channel.write(ByteBuffer(string: "0123456789"), promise: promise)
    }
    #expect(pair.client.handler.bytesSent == before)
    pair.client.channel.flush()
    #expect(pair.client.handler.bytesSent == before + 30 + 22)
    for promise in promises { try promise.futureResult.wait() }
    try pair.carry()
    #expect(pair.server.probe.received.readableBytes == 30)
  }

  @Test func largeWriteGoesToTheChannelBeforeAFlush() throws {
    // Otherwise its bytes would count nowhere, and the channel would seem writable for ever.
    let pair = try securePair()
    let before = pair.client.handler.bytesSent
    pair.client.channel.write(ByteBuffer(repeating: 7, count: 100_000), promise: nil)
    #expect(pair.client.handler.bytesSent > before + 100_000)
    pair.client.channel.flush()
    try pair.carry(piecesOf: 1_000)
    #expect(pair.server.probe.received == ByteBuffer(repeating: 7, count: 100_000))
  }

  @Test func emptyWriteIsAnswered() throws {
    let pair = try securePair()
    try pair.client.channel.writeAndFlush(ByteBuffer()).wait()
    try pair.carry()
    #expect(pair.server.probe.received.readableBytes == 0)
  }

  @Test func alteredByteIsNoticedByBoth() throws {
    let pair = try securePair()
    pair.client.channel.writeAndFlush(ByteBuffer(string: "budget: 500"), promise: nil)
    var sent = try pair.client.takeSent()
    let last = sent.writerIndex - 1
    sent.setInteger((sent.getInteger(at: last, as: UInt8.self) ?? 0) ^ 1, at: last)
    _ = try pair.server.channel.writeInbound(sent)
    try pair.carry()
    #expect(pair.server.probe.codes == [.protocolViolation])
    #expect(pair.server.probe.received.readableBytes == 0)
    #expect(pair.client.probe.codes == [.refusedByPeer(.badRecordMAC)])
  }

  // MARK: Reading as asked

  @Test func aPartOfARecordIsReadOn() throws {
    let pair = try securePair()
    try pair.server.channel.syncOptions?.setOption(ChannelOptions.autoRead, value: false)
    pair.client.channel.writeAndFlush(ByteBuffer(string: "in two parts"), promise: nil)
    var sent = try pair.client.takeSent()
    let begin = sent.readSlice(length: 10)
    let half = try #require(begin)
    pair.server.channel.read()
    let asked = pair.server.socket.readsCount
    _ = try pair.server.channel.writeInbound(half)
    #expect(pair.server.socket.readsCount == asked + 1)
    _ = try pair.server.channel.writeInbound(sent)
    #expect(String(buffer: pair.server.probe.received) == "in two parts")
    #expect(pair.server.socket.readsCount == asked + 1)
  }

  @Test func nothingIsReadUnaskedAfterTheHandshake() throws {
    let pair = try securePair()
    pair.server.channel.read()
    pair.client.channel.writeAndFlush(ByteBuffer(string: "asked"), promise: nil)
    try pair.carry()
    let asked = pair.server.socket.readsCount
    pair.client.channel.writeAndFlush(ByteBuffer(string: "unasked"), promise: nil)
    try pair.carry()
    #expect(pair.server.socket.readsCount == asked)
  }

  // MARK: Ends

  @Test func farewell() throws {
    let pair = try securePair()
    pair.client.channel.write(ByteBuffer(string: "last"), promise: nil)
    pair.client.channel.close(promise: nil)
    try pair.carry()
    #expect(String(buffer: pair.server.probe.received) == "last")
    #expect(pair.server.probe.sawFarewell)
    #expect(pair.server.probe.errors.isEmpty)
    #expect(!pair.server.channel.isActive)
  }

  @Test func truncation() throws {
    let pair = try securePair()
    pair.server.channel.pipeline.fireChannelInactive()
    #expect(!pair.server.probe.sawFarewell)
    #expect(pair.server.probe.codes == [.truncated])
  }

  @Test func endOfTheSocketAloneIsTruncationToo() throws {
    let pair = try securePair()
    pair.server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    #expect(!pair.server.probe.sawFarewell)
    #expect(pair.server.probe.codes == [.truncated])
    #expect(!pair.server.channel.isActive)
  }

  @Test func hangingUpBeforeTheHandshakeIsDone() throws {
    let pair = try pair()
    pair.server.channel.pipeline.fireChannelInactive()
    #expect(pair.server.probe.codes == [.closedDuringHandshake])
  }

  @Test func nothingOutlivesAConnection() throws {
    weak var handler: TLSHandler?
    try {
      let pair = try securePair()
      handler = pair.server.handler
      pair.client.channel.close(promise: nil)
      try pair.carry()
      pair.loop.run()
    }()
    #expect(handler == nil)
  }

  @Test func writingAfterTheEnd() throws {
    let pair = try securePair()
    pair.client.channel.close(promise: nil)
    #expect(throws: (any Error).self) {
      try pair.client.channel.writeAndFlush(ByteBuffer(string: "late")).wait()
    }
  }

  // MARK: After an alert

  /// A server that has just refused what it got, on a socket that can end one half.
  private func refusingServer() throws -> EmbeddedPair.End {
    let pair = try pair()
    let server = pair.server
    server.socket.canEndOutput = true
    _ = try server.channel.writeInbound(ByteBuffer(bytes: [0x16, 3, 1, 0, 4, 9, 9, 9, 9]))
    #expect(server.probe.codes == [.protocolViolation])
    // The upper handlers' usual answer to an error must not cut off the alert.
    server.channel.close(promise: nil)
    return server
  }

  @Test func theAlertIsFollowedByAHalfClose() throws {
    let server = try refusingServer()
    #expect(try server.takeSent().getInteger(at: 0, as: UInt8.self) == 0x15)
    #expect(server.socket.hasEndedOutput)
    #expect(server.channel.isActive)
  }

  @Test func whatComesAfterTheAlertIsReadAndThrownAway() throws {
    let server = try refusingServer()
    let asked = server.socket.readsCount
    _ = try server.channel.writeInbound(ByteBuffer(repeating: 0x16, count: 60_000))
    #expect(server.socket.readsCount == asked + 1)
    #expect(server.channel.isActive)
    #expect(server.probe.received.readableBytes == 0)
    _ = try server.channel.writeInbound(ByteBuffer(repeating: 0x16, count: 6_000))
    #expect(!server.channel.isActive)
    #expect(server.probe.errors.count == 1)
  }

  @Test func thatLastsASecond() throws {
    let server = try refusingServer()
    server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
    #expect(server.channel.isActive)
    server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!server.channel.isActive)
    #expect(server.probe.errors.count == 1)
  }

  // MARK: Limits before the handshake

  @Test func silenceEndsInTime() throws {
    let pair = try pair(handshakeTimeout: .seconds(3))
    pair.loop.advanceTime(by: .milliseconds(2_999))
    #expect(pair.server.probe.codes == [])
    pair.loop.advanceTime(by: .milliseconds(1))
    #expect(pair.server.probe.codes == [.handshakeTimeout])
    #expect(pair.client.probe.codes == [.handshakeTimeout])
    #expect(!pair.server.channel.isActive)
    #expect(pair.server.handler.connection == nil)
  }

  @Test func halfAHelloCostsNoTLS() throws {
    let pair = try pair(handshakeTimeout: .seconds(3))
    var hello = try pair.client.takeSent()
    let most = hello.readSlice(length: hello.readableBytes - 1)
    _ = try pair.server.channel.writeInbound(#require(most))
    #expect(pair.server.handler.connection == nil)
    _ = try pair.server.channel.writeInbound(hello)
    #expect(pair.server.handler.connection != nil)
    #expect(try pair.server.takeSent().readableBytes > 0)
    pair.loop.advanceTime(by: .seconds(3))
    #expect(pair.server.probe.codes == [.handshakeTimeout])
  }

  /// Nobody waits for the rest of it.
  @Test(arguments: [[22, 2, 0, 0, 40], [22, 3, 1, 0x60, 0]] as [[UInt8]])
  func aHeaderThatNoHelloHasIsRefusedAtOnce(_ header: [UInt8]) throws {
    let pair = try pair()
    _ = try pair.server.channel.writeInbound(ByteBuffer(bytes: header))
    #expect(pair.server.probe.errors.count == 1)
  }

  @Test func aSlowPeerGetsNoMoreTime() throws {
    let pair = try pair(handshakeTimeout: .seconds(3))
    var hello = try pair.client.takeSent()
    for _ in 0..<4 {
      pair.loop.advanceTime(by: .milliseconds(900))
      let byte = hello.readSlice(length: 1) ?? ByteBuffer()
      if pair.server.channel.isActive { _ = try pair.server.channel.writeInbound(byte) }
    }
    #expect(pair.server.probe.codes == [.handshakeTimeout])
  }

  @Test func theHandshakesTimeDoesNotEndTheConnection() throws {
    let pair = try securePair()
    pair.loop.advanceTime(by: .hours(1))
    #expect(pair.server.channel.isActive && pair.client.channel.isActive)
  }

  @Test func whoIsTurnedAwayAtOnceHearsAnAlert() throws {
    let pair = try pair()
    try pair.server.connect()
    try pair.server.channel.triggerUserOutboundEvent(TLSTurnAway()).wait()
    #expect(try Array(pair.server.takeSent().readableBytesView) == [21, 3, 3, 0, 2, 2, 80])
    #expect(pair.server.probe.codes == [.turnedAway])
    #expect(!pair.server.channel.isActive)
  }

  @Test func whoIsTurnedAwayInTheMiddleOfAHandshakeIsClosed() throws {
    let pair = try pair()
    try pair.client.connect()
    try pair.server.connect()
    try pair.server.channel.writeInbound(pair.client.takeSent())
    #expect(try pair.server.takeSent().readableBytes > 0)
    try pair.server.channel.triggerUserOutboundEvent(TLSTurnAway()).wait()
    #expect(try pair.server.takeSent().readableBytes == 0)
    #expect(pair.server.probe.codes == [.turnedAway])
    #expect(!pair.server.channel.isActive)
  }

  @Test func aPeerThatSendsTooMuchBeforeItIsKnown() throws {
    let pair = try pair()
    // A first message that claims 120,000 bytes, in full records.
    var first = true
    while pair.server.channel.isActive, pair.server.handler.bytesReceived < 200_000 {
      var record = ByteBuffer(bytes: [0x16, 3, 1, 0x40, 0])
      record.writeBytes(first ? [1, 1, 0xd4, 0xc0, 3, 3] : [0, 0, 0, 0, 0, 0])
      record.writeRepeatingByte(0, count: 0x4000 - 6)
      first = false
      _ = try pair.server.channel.writeInbound(record)
    }
    #expect(pair.server.probe.codes == [.handshakeTooLarge])
    #expect(pair.server.handler.bytesReceived < TLSLimits.handshakeBytesMax + 2 * 0x4005)
  }

  @Test func writesBeforeTheHandshakeWaitWithinALimit() throws {
    let pair = try pair()
    let waiting = ByteBuffer(repeating: 1, count: TLSLimits.earlyWriteBytesMax)
    let kept = pair.client.channel.writeAndFlush(waiting)
    let tooMuch = pair.client.channel.writeAndFlush(ByteBuffer(string: "!"))
    var refusal: TLSError?
    tooMuch.assumeIsolated().whenFailure { refusal = $0 as? TLSError }
    #expect(refusal?.code == .writeLimit)
    try pair.carry()
    try kept.wait()
    #expect(pair.server.probe.received == waiting)
  }

  @Test func writesThatWaitFailWithTheRefusal() throws {
    let pair = try EmbeddedPair(
      client: organisation.client(accepts: { _ in false }), server: organisation.server())
    try pair.connect()
    let waiting = pair.client.channel.writeAndFlush(ByteBuffer(string: "for an office's eyes"))
    try pair.carry()
    #expect(throws: TLSError(.uriRefused, "")) { try waiting.wait() }
    #expect(pair.server.probe.codes == [.refusedByPeer(.handshakeFailure)])
    #expect(pair.server.probe.received.readableBytes == 0)
  }

  // MARK: Wrong use

  @Test func rolesAreNotMixedUp() throws {
    let client = try organisation.client()
    let server = try organisation.server()
    #expect(throws: TLSError(.configuration, "")) { try TLSHandler(context: client) }
    #expect(throws: TLSError(.configuration, "")) {
      try TLSHandler(context: server, serverHostname: "localhost")
    }
  }

  @Test(arguments: ["", "a b", "rabat\u{0}.example", "الرباط.example", "rabat.example\n"])
  func unusableHostName(_ name: String) throws {
    let client = try organisation.client()
    #expect(throws: TLSError(.configuration, "")) {
      try TLSHandler(context: client, serverHostname: name)
    }
  }

  @Test(arguments: ["rabat.example.", "fe80::1%eth0", "127.0.0.1"])
  func usableHostName(_ name: String) throws {
    _ = try TLSHandler(context: organisation.client(), serverHostname: name)
  }
}
