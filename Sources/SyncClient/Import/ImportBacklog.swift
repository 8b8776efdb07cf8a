import OfficeSyncProtocol
import OfficeSyncRecords

/// What an import is to write, in the order of its file, in blocks that become one transaction each. It is kept in memory while
/// it is little, else in a file.
struct ImportBacklog {
  /// A transaction of so much takes a fifth of a second, in which no other program can write.
  private static let blockBytesGoal = 4 << 20
  private static let blockRowsMax = 16_384
  private static let memoryBytesMax = 16 << 20

  /// So many rows, and what they come to.
  private struct Block {
    var rows = 0
    var writes = ByteWriter()
  }

  private enum Place {
    case memory([UInt8])
    case file(Range<Int>)
  }

  private let folder: String
  /// Throws where the disk is so nearly full that this should not go on.
  private let requireRoom: () throws -> Void
  private var block = Block()
  private var blocks: [(rows: Int, place: Place)] = []
  private var file: NamelessFile?
  private(set) var byteCount = 0

  /// - Parameter folder: where the file is made.
  init(folder: String, requireRoom: @escaping () throws -> Void) {
    self.folder = folder
    self.requireRoom = requireRoom
  }

  /// - Parameter write: nil for a row that says nothing new.
  /// - Throws: `CommandError` `file-failed`, `disk-full` (74), and what `requireRoom` throws
  mutating func append(_ write: PlannedWrite?) throws {
    block.rows += 1
    if let write { block.writes.planned(write) }
    if block.writes.bytes.count >= Self.blockBytesGoal || block.rows == Self.blockRowsMax {
      try finish()
    }
  }

  /// Closes the last block.
  mutating func finish() throws {
    if block.rows == 0 { return }
    let bytes = block.writes.bytes
    let start = byteCount
    byteCount += bytes.count
    if byteCount <= Self.memoryBytesMax {
      blocks.append((block.rows, .memory(bytes)))
    } else {
      try requireRoom()
      let file = try file ?? NamelessFile(inFolder: folder)
      self.file = file
      try file.write(bytes, at: start)
      blocks.append((block.rows, .file(start..<byteCount)))
    }
    block = Block()
  }

  /// Hands out block by block, read ahead on a thread of its own.
  ///
  /// - Parameter body: takes how many rows of the file a block stands for, what they come to, how many bytes of the backlog
  ///   that is, and whether more follow.
  func forEachBlock(
    _ body: (_ rows: Int, _ writes: [PlannedWrite], _ bytes: Int, _ moreFollow: Bool) throws -> Void
  ) throws {
    let places = blocks.map(\.place)
    var index = 0
    try ReadAhead.run { [file] hand in
      for place in places { try hand(Self.read(place, of: file)) }
    } _: { (read: (writes: [PlannedWrite], bytes: Int)) in
      index += 1
      try body(blocks[index - 1].rows, read.writes, read.bytes, index < blocks.count)
    }
  }

  private static func read(
    _ place: Place, of file: NamelessFile?
  ) throws -> (writes: [PlannedWrite], bytes: Int) {
    let bytes =
      switch place {
      case .memory(let bytes): bytes
      case .file(let range): try file?.read(range) ?? []
      }
    var reader = ByteReader(bytes)
    var writes: [PlannedWrite] = []
    while !reader.isAtEnd { writes.append(try reader.planned()) }
    return (writes, bytes.count)
  }
}
