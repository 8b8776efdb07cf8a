// Stands before glibc's own functions in the benchmark's program, and so is called by every library in it.
#include "allocations.h"
#include <features.h>
#include <stddef.h>

static _Thread_local uint64_t count;

uint64_t allocations_of_thread(void) { return count; }

#if defined(__GLIBC__)
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

void *malloc(size_t size) {
  count += 1;
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  count += 1;
  return __libc_calloc(items, size);
}

void *realloc(void *block, size_t size) {
  count += 1;
  return __libc_realloc(block, size);
}
#endif
