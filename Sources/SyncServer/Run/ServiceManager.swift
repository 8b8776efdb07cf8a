import Foundation

/// Tells systemd how the server is doing, through the socket that it named (sd_notify(3)); says nothing where none is named.
struct ServiceManager: Sendable {
  enum Word: Hashable, Sendable {
    case ready
    case reloading
    case stopping
    /// For the watchdog: the server lives.
    case alive

    fileprivate var text: String {
      switch self {
      case .ready: "READY=1"
      case .reloading: "RELOADING=1"
      case .stopping: "STOPPING=1"
      case .alive: "WATCHDOG=1"
      }
    }
  }

  private let address: String?
  /// How often the watchdog wants to hear that the server lives, with time to spare; nil for never.
  let aliveInterval: Duration?

  /// - Parameter process: this process's ID: the watchdog may be another's.
  init(environment: [String: String], process: Int32) {
    address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let isMine = environment["WATCHDOG_PID"].map { Int32($0) == process } ?? true
    let micros = isMine ? environment["WATCHDOG_USEC"].flatMap { Int64($0) } : nil
    aliveInterval = micros.flatMap { $0 > 0 ? .microseconds($0 / 2) : nil }
  }

  /// - Returns: whether it was handed over; nobody to tell is no failure.
  @discardableResult
  func tell(_ word: Word) -> Bool {
    guard let address else { return true }
    guard var name = sockaddr_un(notify: address) else { return false }
    #if os(Linux)
      let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    #else
      let descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
    #endif
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(word.text.utf8)
    // An abstract name ends where the address does; a path at its first zero.
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + address.utf8.count }
    return withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(length ?? 0)) == bytes.count
      }
    }
  }

  /// Tells the watchdog, as often as it wants, until the task is cancelled.
  func keepAlive() async {
    guard let aliveInterval else { return }
    repeat { tell(.alive) } while (try? await Task.sleep(for: aliveInterval)) != nil
  }
}

extension sockaddr_un {
  /// - Parameter name: a path, or `@` and an abstract name; nil if it is neither, or too long.
  fileprivate init?(notify name: String) {
    self.init()
    sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
      bytes.count < MemoryLayout.size(ofValue: sun_path)
    else { return nil }
    if first == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
  }
}
