import OfficeSyncProtocol
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage

extension Fail {
  /// What a peer is told of the error that ends its session; nil where it knows already or is gone.
  init?(farewellTo error: any Error) {
    switch error {
    case let error as SessionError:
      guard let failure = error.failure else { return nil }
      self = failure
    case StorageError.diskNearlyFull, StorageError.diskFull:
      self.init(code: .storage, message: "its disk is full, or nearly so")
    case is StorageError:
      self.init(code: .storage, message: "the store cannot be read or written")
    case ConversationError.silent, ConversationError.noHello:
      self.init(code: .idle, message: "nothing came for too long")
    case ConversationError.distrusted(let error):
      self.init(code: .notTrusted, message: error.reason)
    case ConversationError.stopping, is CancellationError:
      self.init(code: .shuttingDown, message: "this side is shutting down")
    default: return nil
    }
  }
}
