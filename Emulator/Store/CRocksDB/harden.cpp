#include "CRocksDB.h"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <cstdarg>
#include <memory>

// As in RocksDB's db/c.cc: its C interface keeps the options in a struct of this one member.
struct rocksdb_options_t {
    rocksdb::Options rep;
};

namespace {

class SilentLogger final : public rocksdb::Logger {
public:
    SilentLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}

    using rocksdb::Logger::Logv;

    void Logv(const char *, va_list) override {}
};

class NoSelfRecovery final : public rocksdb::EventListener {
public:
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool *automatic) override {
        *automatic = false;
    }
};

}  // namespace

void store_options_harden(rocksdb_options_t *options) {
    options->rep.info_log = std::make_shared<SilentLogger>();
    options->rep.listeners.push_back(std::make_shared<NoSelfRecovery>());
    options->rep.avoid_flush_during_recovery = true;
}
