// Where a program starts and what it inherits, for Swift: its Glibc does not import what spawn.h shows under _GNU_SOURCE.
#pragma once
#if defined(__linux__)
// Not as spawn.h has them: with it, Swift may take `posix_spawn_file_actions_t` for a part of this module.
extern int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(void *actions, int from);
#endif
