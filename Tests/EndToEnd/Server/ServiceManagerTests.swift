#if os(Linux)
  import Foundation
  import OfficeSyncTestSupport
  import Testing

  /// What systemd hears of a server, through a real socket.
  @Suite struct ServiceManagerTests {
    private let mesh: Mesh

    init() throws {
      mesh = try Mesh()
      try mesh.office("rabat")
    }

    /// Everything that was said until now, word by word.
    private func heard(_ socket: Int32) -> [String] {
      var words: [String] = []
      var bytes = [UInt8](repeating: 0, count: 4_096)
      while case let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT)),
        count > 0
      {
        words.append(String(decoding: bytes[..<count], as: UTF8.self))
      }
      return words
    }

    /// A socket as systemd makes it.
    private func listen(at name: String) throws -> Int32 {
      let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      try #require(descriptor >= 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      var bytes = Array(name.utf8)
      if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
      let bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
      }
      try #require(bound == 0, "\(name): \(String(cString: strerror(errno)))")
      return descriptor
    }

    @Test(arguments: ["path", "abstract"])
    func itHearsWhenTheServerIsReadyReloadsAndStops(kind: String) throws {
      let name = kind == "path" ? "/tmp/officesync-\(getpid()).socket" : "@officesync-\(getpid())"
      unlink(name)
      defer { unlink(name) }
      let socket = try listen(at: name)
      defer { close(socket) }
      var all: [String] = []
      func wait(for words: String...) throws {
        try mesh.wait {
          all += heard(socket)
          return words.allSatisfy(all.contains)
        }
      }
      // The watchdog hears half as often again as it has to.
      let server = try mesh.start(
        "rabat", environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"])
      try wait(for: "READY=1", "WATCHDOG=1")
      #expect(all.filter { $0 == "READY=1" }.count == 1)
      all = []
      server.process.send(SIGHUP)
      try wait(for: "RELOADING=1", "READY=1", "WATCHDOG=1")
      let words = all.filter { $0 != "WATCHDOG=1" }
      #expect(words == ["RELOADING=1", "READY=1"])
      all = []
      try mesh.stop("rabat")
      try wait(for: "STOPPING=1")
    }

    /// A socket that is not there, and a watchdog that is another process's.
    @Test func nobodyToTellIsNoFailure() throws {
      let server = try mesh.start(
        "rabat",
        environment: [
          "NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1",
        ])
      #expect(server.process.isRunning)
      try mesh.stop("rabat")
    }
  }
#endif
