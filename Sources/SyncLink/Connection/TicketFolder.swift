import Foundation
import OfficeSyncSecureTransport

/// A file for each server, with the ticket that it gave last: whoever has it can be this store to that server for a week, so
/// it is kept like a key. Nothing of it need last: without it certificates are shown.
public struct TicketFolder: Hashable, Sendable {
  private let path: String

  /// - Parameter path: it is made when there is something to keep.
  public init(path: String) {
    self.path = path
  }

  /// - Returns: nil if there is none, or others could have read or put it there.
  func load(host: String, port: Int) -> [UInt8]? {
    let descriptor = open(file(host, port), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_mode & 0o077 == 0, status.st_uid == geteuid(),
      0...off_t(TLSLimits.ticketBytesMax) ~= status.st_size
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = read(descriptor, &bytes, bytes.count)
    return count == bytes.count ? bytes : nil
  }

  /// Puts it in the place of the last one, whole or not at all.
  func save(_ ticket: [UInt8], host: String, port: Int) {
    if mkdir(path, 0o700) != 0, errno != EEXIST { return }
    let target = file(host, port)
    var template = Array("\(target).XXXXXX".utf8CString)
    // Made for its owner alone.
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return }
    let isWhole = ticket.withUnsafeBytes {
      write(descriptor, $0.baseAddress, $0.count) == $0.count
    }
    close(descriptor)
    let isThere = template.withUnsafeBufferPointer { new in
      new.baseAddress.map { isWhole && rename($0, target) == 0 } ?? false
    }
    if !isThere { unlink(template) }
  }

  /// Takes away what was kept, if anything was.
  func remove(host: String, port: Int) { unlink(file(host, port)) }

  /// Two servers whose names differ in odd characters alone share a file: then the ticket is the wrong one, which is as good as
  /// none.
  private func file(_ host: String, _ port: Int) -> String {
    let name = host.map {
      $0.isASCII && ($0.isLetter || $0.isNumber) || "-.".contains($0) ? $0 : "_"
    }
    return "\(path)/\(String(name))_\(port).ticket"
  }
}
