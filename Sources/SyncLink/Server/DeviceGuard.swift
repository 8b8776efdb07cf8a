import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// What field devices may make an office's store do within a day. Offices are not measured.
struct DeviceGuard: Sendable {
  /// How often a device may say that the office's own replica ID is in use elsewhere. An office that was put back from a copy
  /// hears it once of each device; who says it without end would have it take ever new IDs.
  static let renewalsPerDay = 4
  /// What a record costs at least, in bytes: rows of the store and of its indexes come with each.
  static let recordBytesMin = 256
  private static let stampBytes = 64
  /// A name that ended may need another, with an owner and a stamp.
  private static let endingBytes = 1_024

  private let store: any RecordStore
  private let bytes: DeviceAllowance
  private let renewals = DeviceAllowance(perDay: renewalsPerDay)
  private let wall: @Sendable () -> UInt64

  init(store: any RecordStore, bytesPerDay: Int, wall: @escaping @Sendable () -> UInt64) {
    self.store = store
    bytes = DeviceAllowance(perDay: bytesPerDay)
    self.wall = wall
  }

  func take(bytesPerDay: Int) { bytes.change(perDay: bytesPerDay) }

  /// - Throws: `SessionError` `.busy` for a device that has had its share; `StorageError`
  func check(_ request: StoreRequest, of identity: Identity) throws {
    guard identity.role == .field else { return }
    let amount = Self.bytesKept(by: request)
    if amount > 0, !bytes.take(amount, of: identity, atMilliseconds: wall()) {
      throw SessionError(.busy, "\(identity) has brought as much as is taken within a day")
    }
    if try isAboutThisStore(request), !renewals.take(1, of: identity, atMilliseconds: wall()) {
      throw SessionError(
        .busy, "\(identity) says too often that the office's replica ID is in use elsewhere")
    }
  }

  private func isAboutThisStore(_ request: StoreRequest) throws -> Bool {
    switch request {
    case .renew: return true
    case .part(let lists, _):
      let own = try store.replica().id
      return lists.contains { $0.origin == own }
    case .apply, .adopt, .heal, .open, .settle, .remember, .newestEntries, .read, .complete,
      .confirm, .digests, .record, .repair, .release:
      return false
    }
  }

  /// About how much the store may come to keep, in bytes; records that it refuses count as well.
  private static func bytesKept(by request: StoreRequest) -> Int {
    switch request {
    case .apply(let records, _, _):
      records.reduce(0) { $0 + max($1.checked.encoded.bytes.count, recordBytesMin) }
    case .adopt(let runs): runs.reduce(0) { $0 + $1.stamps.count * stampBytes }
    case .heal(let endings): endings.count * endingBytes
    case .part(let lists, _): lists.count * endingBytes
    case .open, .settle, .remember, .newestEntries, .read, .renew, .complete, .confirm, .digests,
      .record, .repair, .release:
      0
    }
  }
}
