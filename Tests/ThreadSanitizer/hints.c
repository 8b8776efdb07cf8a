// What the Thread Sanitizer of Swift 6.3 on Linux has to be told; scripts/tsan links it into everything.
//
// 1. A Synchronization.Mutex that nobody waits for is taken and left by atomic operations, which the sanitizer sees. One
//    that somebody waits for is handed over by the kernel, in functions of a library that is not instrumented: what the one
//    did before and what the other does after look unordered. These stand before those functions and say so.
// 2. Each `inout` access is reported by its address. What has no state, as the system's random generator, has none: the
//    sanitizer is handed whatever stood in a register, and may die of it. Only addresses of memory are passed on.
//
// locked.swift has no race and is reported without this; racing.swift has one and is reported with it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex
// Synchronization._MutexHandle._lockSlow(UInt32), ._unlockSlow()
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Missing where something that is not instrumented is linked.
extern void __tsan_acquire(void *place) __attribute__((weak));
extern void __tsan_release(void *place) __attribute__((weak));
extern void __real___tsan_external_write(void *place, void *caller, void *tag) __attribute__((weak));

typedef SWIFT void (*Lock)(uint32_t thread, SELF);
typedef SWIFT void (*Unlock)(SELF);

SWIFT void lockSlow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void unlockSlow(SELF) __asm__(UNLOCK);

SWIFT void lockSlow(uint32_t thread, SELF) {
  ((Lock)dlsym(RTLD_NEXT, LOCK))(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlockSlow(SELF) {
  if (__tsan_release) __tsan_release(mutex);
  ((Unlock)dlsym(RTLD_NEXT, UNLOCK))(mutex);
}

// Where compiler-rt's tsan_platform.h has programs (0x55…, 0x56…), the heap (0x72…), libraries and stacks (0x7e…, 0x7f…).
void __wrap___tsan_external_write(void *place, void *caller, void *tag) {
  switch ((uintptr_t)place >> 40) {
    case 0x55: case 0x56: case 0x72: case 0x7e: case 0x7f:
      __real___tsan_external_write(place, caller, tag);
  }
}
