#include "CRocksDB.h"

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/utilities/write_batch_with_index.h>

// As in RocksDB's db/c.cc: its C interface keeps each object in a struct that begins with this member.
struct rocksdb_writebatch_wi_t {
    rocksdb::WriteBatchWithIndex *rep;
};
struct rocksdb_iterator_t {
    rocksdb::Iterator *rep;
};
struct rocksdb_column_family_handle_t {
    rocksdb::ColumnFamilyHandle *rep;
};
struct rocksdb_readoptions_t {
    rocksdb::ReadOptions rep;
};

rocksdb_iterator_t *store_batch_iterator(
    rocksdb_writebatch_wi_t *batch, rocksdb_iterator_t *base, rocksdb_column_family_handle_t *family,
    const rocksdb_readoptions_t *options) {
    // The struct stays, with another iterator in it: the library frees what the library made.
    base->rep = batch->rep->NewIteratorWithBase(family->rep, base->rep, &options->rep);
    return base;
}
