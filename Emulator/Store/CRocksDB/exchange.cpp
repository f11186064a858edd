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

extern "C" void store_start_writing(int descriptor) {
#ifdef __linux__
    (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor;
#endif
}
