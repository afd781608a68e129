#include "store/rocks_options.h"

#include <utility>

#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/table_properties_collectors.h"
#include "store/rocks_status.h"
#include "store/shared_resources_impl.h"

namespace batuta::store {

namespace {

constexpr int kNever = 1 << 30;

class ExpiryFilter final : public rocksdb::CompactionFilter {
 public:
  using Expired = std::function<bool(std::string_view key, std::string_view value)>;
  explicit ExpiryFilter(Expired expired) : expired_(std::move(expired)) {}
  const char* Name() const override { return "BatutaExpiry"; }
  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    return expired_(ToView(key), ToView(value));
  }

 private:
  const Expired expired_;
};

rocksdb::BlockBasedTableOptions BlockOptions(RocksTables::Use use, const SharedResources& shared,
                                             bool through_disk) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_size = 4096;
  if (use != RocksTables::Use::queue) {
    // 10 bits per key: about 1 % of absent keys cost a read.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = true;
    table.optimize_filters_for_memory = true;
  }
  if (through_disk) {
    // Which blocks a cache keeps depends on random ids of the files; without one, reads depend on
    // the calls alone.
    table.no_block_cache = true;
    return table;
  }
  table.block_cache = shared.impl().cache;
  // Indexes and filters count against the shared budget, too.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return table;
}

void MakeInline(rocksdb::ColumnFamilyOptions& table) {
  table.write_buffer_size = size_t{1} << 30;  // flushed when the caller says so, never by size
  table.arena_block_size = size_t{64} << 10;
  table.memtable_prefix_bloom_size_ratio = 0;  // a share of the size above
  table.disable_auto_compactions = true;
  // A stalled write would wait for background work that only the same thread can do.
  table.level0_slowdown_writes_trigger = kNever;
  table.level0_stop_writes_trigger = kNever;
  table.level0_file_num_compaction_trigger = kNever;
  table.soft_pending_compaction_bytes_limit = 0;
  table.hard_pending_compaction_bytes_limit = 0;
  table.compression = rocksdb::kNoCompression;
  table.bottommost_compression = rocksdb::kDisableCompressionOption;
  table.compaction_style = rocksdb::kCompactionStyleLevel;
  table.level_compaction_dynamic_level_bytes = false;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(const SharedResources& shared, bool through_disk) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  options.atomic_flush = true;  // the tables and the applied offset reach the disk together
  options.avoid_flush_during_shutdown = true;
  options.allow_concurrent_memtable_write = false;  // one writer: faster without
  options.enable_write_thread_adaptive_yield = false;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.max_file_opening_threads = 1;
  options.max_bgerror_resume_count = 0;  // an error is final; the caller ends the process
  options.recycle_log_file_num = 0;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  if (through_disk) {
    options.max_open_files = -1;
    // A new list of files for every change. Appending to a synced one would put what is durable in
    // the same sectors as what may be garbled, which the disk seam allows and real disks hardly do.
    options.max_manifest_file_size = 1;
    return options;
  }
  options.write_buffer_manager = shared.impl().write_buffers;
  options.max_background_jobs = shared.impl().options.background_threads + 1;
  options.max_open_files = 512;
  options.bytes_per_sync = size_t{1} << 20;
  return options;
}

rocksdb::ColumnFamilyOptions TableOptionsFor(const RocksTables::TableOptions& table,
                                             const SharedResources& shared,
                                             const RocksTables::Options& options,
                                             const rocksdb::CompactionFilter* filter) {
  using Use = RocksTables::Use;
  rocksdb::ColumnFamilyOptions result;
  result.table_factory.reset(
      rocksdb::NewBlockBasedTableFactory(BlockOptions(table.use, shared, options.disk != nullptr)));
  result.compaction_filter = filter;
  result.write_buffer_size = options.memtable_bytes;
  result.max_write_buffer_number = 4;
  result.compression = table.use == Use::hashes || table.use == Use::secrets
                           ? rocksdb::kNoCompression
                           : rocksdb::kLZ4Compression;
  result.level_compaction_dynamic_level_bytes = true;
  if (table.use == Use::secrets) {
    result.target_file_size_base = uint64_t{4} << 20;
    result.max_bytes_for_level_base = uint64_t{32} << 20;
    // Each new key is first looked for in vain.
    result.memtable_prefix_bloom_size_ratio = 0.02;
    result.memtable_whole_key_filtering = true;
  }
  if (table.use == Use::hashes) {
    result.compaction_style = rocksdb::kCompactionStyleUniversal;
    result.level_compaction_dynamic_level_bytes = false;
  }
  if (table.use == Use::queue) {
    // What is done is removed at the front: without this each scan would step over the removals.
    result.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(10'000, 5'000));
  }
  if (options.disk != nullptr) MakeInline(result);
  return result;
}

std::shared_ptr<const rocksdb::CompactionFilter> MakeExpiryFilter(
    std::function<bool(std::string_view key, std::string_view value)> expired) {
  return std::make_shared<ExpiryFilter>(std::move(expired));
}

}  // namespace batuta::store
