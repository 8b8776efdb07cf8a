internal import COpenSSL

/// Tunes the C library's allocator for bulk transfers.
///
/// By default glibc hands the memory of each large buffer back to the kernel and takes it anew: a page fault for every
/// 4 KiB sent, and half the throughput. Programs call this once, at the start.
///
/// - Returns: whether there was something to tune; `false` outside glibc.
@discardableResult
public func tuneAllocatorForBulkTransfer() -> Bool {
  shim_set_malloc_thresholds(256 * 1024 * 1024, 32 * 1024 * 1024) == 1
}
