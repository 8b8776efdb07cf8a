// When a file was made, for Swift: its Glibc does not import statx, and Foundation's creationDate is another time on Linux.
#pragma once
#include <stdint.h>
#if defined(__linux__)
// The kernel's headers alone: with the C library's, Swift may take `struct stat` for a part of this module.
#include <asm/unistd.h>
#include <linux/stat.h>
extern long syscall(long number, ...);
#else
#include <sys/stat.h>
#endif

/// Nanoseconds since 1970; 0 where the file system does not say.
static inline int64_t shim_file_birth(const char *path) {
#if defined(__linux__)
  struct statx found = {0};
  const int current_folder = -100;  // AT_FDCWD
  if (syscall(__NR_statx, current_folder, path, 0, STATX_BTIME, &found) != 0) return 0;
  if (!(found.stx_mask & STATX_BTIME)) return 0;
  return (int64_t)found.stx_btime.tv_sec * 1000000000 + found.stx_btime.tv_nsec;
#elif defined(__APPLE__)
  struct stat found;
  if (stat(path, &found) != 0) return 0;
  return (int64_t)found.st_birthtimespec.tv_sec * 1000000000 + found.st_birthtimespec.tv_nsec;
#else
  (void)path;
  return 0;
#endif
}
