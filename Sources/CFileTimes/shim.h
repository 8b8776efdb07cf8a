// When a file was made, for Swift: its Glibc does not import statx, and Foundation's creationDate is another time on Linux.
#pragma once
#include <stdint.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// Nanoseconds since 1970; 0 where the file system does not say.
static inline int64_t shim_file_birth(const char *path) {
#if defined(__linux__)
  struct statx found;
  memset(&found, 0, sizeof found);
  // By its number: glibc has a function of this name only if the program asked for GNU extensions.
  if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BTIME, &found) != 0) return 0;
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
