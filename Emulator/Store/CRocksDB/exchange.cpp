#include "CRocksDB.h"

#include <fcntl.h>
#include <stdio.h>

// Swift's Glibc module does not show what is GNU's own.
extern "C" int store_exchange_folders(const char *one, const char *other) {
#ifdef __APPLE__
    return renamex_np(one, other, RENAME_SWAP);
#else
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
#endif
}
