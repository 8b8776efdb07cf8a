import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncSyncLink
import Testing

/// What strangers and broken programs send: that connection is dropped with one line in the log, the others go on.
@Suite(.timeLimit(.minutes(10))) struct HostileTests {
  let office: Site
  let device: Site
  let log = LogLines()

  init() throws {
    (office, device) = try Organisation().officeAndDevice()
    try office.put("a", ["title": "Gare"])
  }

  /// Runs the body, then finds one line of the log on it, and a server that serves on.
  private func expectOneLine(
    with text: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout SyncListener.Settings) -> Void = { _ in },
    _ body: @Sendable (RunningOffice) async throws -> Void
  ) async throws {
    try await office.serving(log: log, change) { running in
      try await body(running)
      let line = await log.line(with: "notice")
      #expect(line.contains(text), sourceLocation: sourceLocation)
      #expect(line.contains("address=127.0.0.1:"), sourceLocation: sourceLocation)
      #expect(log.all.count == 1, sourceLocation: sourceLocation)
      // Where a test makes the server impatient, a busy machine may need several tries.
      while try await device.sync(port: running.port).failure != nil { await Task.yield() }
    }
  }

  @Test(arguments: [
    ("hello\n", "does not speak TLS"), ("GET / HTTP/1.1\r\n\r\n", "HTTP request"),
  ])
  func noTLS(_ text: String, _ reason: String) async throws {
    try await expectOneLine(with: reason) { running in
      try await sendPlain(Array(text.utf8), toPort: running.port)
    }
  }

  @Test func silenceBeforeTLS() async throws {
    try await expectOneLine(
      with: "did not complete the handshake in time", { $0.handshakeTime = .milliseconds(200) }
    ) { running in
      try await sendPlain([], toPort: running.port)
    }
  }

  @Test func silenceInsideTLS() async throws {
    try await expectOneLine(with: "nothing came", { $0.idleTime = .milliseconds(500) }) { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        guard case .fail(let fail)? = try await peer.receive(1).first else {
          Issue.record("no reason was given")
          return
        }
        #expect(fail.code == .idle)
      }
    }
  }

  @Test(
    arguments: [
      (Array("GARBAGE GARBAGE".utf8), "no frame"), ([0, 0, 0, 0], "no frame"),
      ([0, 0, 0x10, 1, 1], "no frame"), ([0, 0, 0, 2, 1, 0], "malformed"),
      ([0, 0, 0, 1, 0x7F], "malformed"),
    ] as [([UInt8], String)])
  func noFrames(_ bytes: [UInt8], _ reason: String) async throws {
    try await expectOneLine(with: reason) { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(bytes)
        guard case .fail(let fail)? = try await peer.receive(1).first else {
          Issue.record("no reason was given")
          return
        }
        #expect(fail.code == .protocolViolation)
      }
    }
  }

  @Test func halfAFrame() async throws {
    try await expectOneLine(with: "the connection ended before the session") { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(Array(device.hello.frame.encoded.dropLast()))
      }
    }
  }

  @Test func aFrameBeyondTheLimitAfterHello() async throws {
    try await expectOneLine(with: "no frame") { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        _ = try await peer.receive(1)
        try await peer.send([0, 0x10, 0, 1, 8])
        await peer.waitForEnd()
      }
    }
  }

  @Test func aCompressedFrameThatWasNotAgreedOn() async throws {
    try await expectOneLine(with: "a compressed frame is refused: notAgreed") { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        _ = try await peer.receive(1)
        try await peer.send(Frame(type: Frame.compressedType, body: [1]).encoded)
        await peer.waitForEnd()
      }
    }
  }

  /// A block of one byte 131,072 times over, in 15 bytes: twice what a compressed frame may hold.
  @Test func aBomb() async throws {
    let bomb: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38, 0x02, 0x00, 0x10, 0xFF]
    try await expectOneLine(with: "a compressed frame is refused: tooMuch") { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello(compressing: [.zstd]))
        guard case .welcome(let welcome)? = try await peer.receive(1).first else {
          Issue.record("no welcome")
          return
        }
        #expect(welcome.compression == .zstd)
        try await peer.send(Frame(type: Frame.compressedType, body: bomb).encoded)
        guard case .fail(let fail)? = try await peer.receive(1).first else {
          Issue.record("no reason was given")
          return
        }
        #expect(fail.code == .protocolViolation)
      }
    }
  }

  @Test func aMessageOutOfTurn() async throws {
    try await expectOneLine(with: "open came where one of [hello] was due") { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.open(.projects, on: 1))
        await peer.waitForEnd()
      }
    }
  }

  @Test func oneByteAtATimeIsNoFault() async throws {
    try await office.serving(log: log) { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        for byte in device.hello.frame.encoded { try await peer.send([byte]) }
        guard case .welcome(let welcome)? = try await peer.receive(1).first else {
          Issue.record("no welcome")
          return
        }
        #expect(welcome.replica == office.replica.id)
      }
      #expect(await log.line(with: "session").hasPrefix("info"))
    }
  }

  @Test func tooManyConnectionsAreRefusedAndRoomComesBack() async throws {
    try await office.serving(log: log, { $0.capacity.connectionsMax = 1 }) { running in
      try await RawPeer.connected(device, port: running.port) { peer in
        try await peer.send(device.hello)
        _ = try await peer.receive(1)
        let report = try await device.sync(port: running.port)
        #expect(report.failure != nil)
        #expect(log.all(with: "too many").count == 1)
      }
      _ = await log.line(with: "info session")
      // The line comes just before the place is free.
      while try await device.sync(port: running.port).failure != nil { await Task.yield() }
    }
  }

  /// A fault that one client makes in the middle of its session is no fault of another's.
  @Test func othersGoOnMeanwhile() async throws {
    try office.fill(3_000, prefix: "p")
    try await office.serving(log: log) { running in
      async let pulling = device.sync(.pull, port: running.port)
      for _ in 0..<10 {
        try await sendPlain(Array("noise".utf8), toPort: running.port)
        try await RawPeer.connected(device, port: running.port) { peer in
          try await peer.send(Array(repeating: 0xFF, count: 5_000))
          await peer.waitForEnd()
        }
      }
      #expect(try await pulling.failure == nil)
    }
    #expect(log.all(with: "connection refused").count == 10)
    #expect(log.all(with: "session broken off").count == 10)
  }
}
