internal import COpenSSL

/// Tunes the C library's allocator for bulk transfers. Programs call this once, at the start.
///
/// By default glibc hands the memory of each large buffer back to the kernel and takes it anew: a page fault for every
/// 4 KiB sent, and half the throughput. And it gives every thread a heap of its own, up to eight for each core, where what one of
/// them freed serves no other: a store's work goes to any of many threads, and each heap grew to the most that was ever needed.
///
/// - Returns: whether there was something to tune; `false` outside glibc.
@discardableResult
public func tuneAllocatorForBulkTransfer() -> Bool {
  shim_tune_malloc(256 * 1024 * 1024, 32 * 1024 * 1024, 2) == 1
}
