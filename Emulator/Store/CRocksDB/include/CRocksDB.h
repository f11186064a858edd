#ifndef CROCKSDB_H
#define CROCKSDB_H

#include <rocksdb/c.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sets what RocksDB's own C interface cannot reach:
/// - No info log. RocksDB writes it beside the data, and a library built with assertions, as Debian's is,
///   aborts the process when the disk is full at that moment.
/// - No recovery of its own after a full disk: the store reopens the database itself, at a time of its choice.
/// - Recovered changes stay in memory and in the log, so opening is quicker and needs hardly any free space.
void store_options_harden(rocksdb_options_t *options);

/// As `rocksdb_writebatch_wi_create_iterator_with_base_cf`, with the upper bound of `options` for the batch too:
/// without it, a range that has ended goes on through all removals of later keys in the batch. Takes over `base`;
/// `options` must live as long as the result.
rocksdb_iterator_t *store_batch_iterator(
    rocksdb_writebatch_wi_t *batch, rocksdb_iterator_t *base, rocksdb_column_family_handle_t *family,
    const rocksdb_readoptions_t *options);

/// Exchanges two folders of one file system in one step; 0, or -1 with errno.
int store_exchange_folders(const char *one, const char *other);

#ifdef __cplusplus
}
#endif

#endif
