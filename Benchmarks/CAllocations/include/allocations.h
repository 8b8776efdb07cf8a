#pragma once
#include <stdint.h>

/// How often the calling thread has asked for memory until now, whichever library it was for: Swift's runtime, OpenSSL, SQLite.
/// Blocks of an unusual alignment are not among it. 0 where the C library is not glibc.
uint64_t allocations_of_thread(void);
