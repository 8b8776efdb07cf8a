import Foundation

/// The three streams that a process begins with.
enum StandardStreams {
  /// Makes writing to a reader who left an error instead of the end, and sees to it that
  /// descriptors 0 to 2 are taken: a process that was started with standard output closed would
  /// otherwise open its database there and print into it.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    // A closed standard output becomes one that cannot be written, so that the loss of results is
    // told.
    for (descriptor, mode) in [(0, O_RDONLY), (1, O_RDONLY), (2, O_WRONLY)]
    where fcntl(Int32(descriptor), F_GETFD) < 0 {
      _ = open("/dev/null", mode)
    }
  }
}
