// zstd for Swift: its header has nothing that Swift cannot import.
#pragma once
#include <zstd.h>
