#include "tests/bench/minimal_loop.h"

#include <algorithm>
#include <chrono>

#include "engine/check.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "tests/bench/dialler.h"

namespace outdial::bench {
namespace {

constexpr size_t kMomentBytes = 8;
constexpr int kReadAhead = 1000;

void Check(const rocksdb::Status& status) { OUTDIAL_CHECK(status.ok(), status.ToString().c_str()); }

std::string BigEndian(uint64_t value, size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = bytes; i-- > 0 && value > 0; value >>= 8) text[i] = static_cast<char>(value);
  return text;
}

std::string DueKey(uint64_t moment, rocksdb::Slice id) {
  return BigEndian(moment, kMomentBytes).append(id.data(), id.size());
}

// Half of it is the same for all contacts, half is not.
std::string Contact(uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string contact(MinimalLoop::kContactBytes, 't');
  uint64_t mixed = number;
  for (size_t i = contact.size() / 2; i < contact.size(); ++i) {
    mixed = mixed * 6364136223846793005U + 1442695040888963407U;
    contact[i] = kDigits[mixed >> 60];
  }
  return contact;
}

}  // namespace

MinimalLoop::MinimalLoop(const std::string& directory, int contacts) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(size_t{256} << 20);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  Check(rocksdb::DB::Open(
      options, directory,
      {{rocksdb::kDefaultColumnFamilyName, options}, {"contacts", options}, {"due", options}},
      &handles, &db));
  db_.reset(db);
  db_->DestroyColumnFamilyHandle(handles[0]);
  contacts_ = handles[1];
  due_ = handles[2];
  Fill(contacts);
}

MinimalLoop::~MinimalLoop() {
  db_->DestroyColumnFamilyHandle(contacts_);
  db_->DestroyColumnFamilyHandle(due_);
}

void MinimalLoop::Fill(int contacts) {
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  for (int next = 0; next < contacts;) {
    rocksdb::WriteBatch batch;
    const int end = std::min(contacts, next + kReadAhead);
    for (; next < end; ++next) {
      const std::string id = BigEndian(static_cast<uint64_t>(next), 16);
      Check(batch.Put(contacts_, id, Contact(static_cast<uint64_t>(next))));
      Check(batch.Put(due_, DueKey(++now_, id), ""));
    }
    Check(db_->Write(unlogged, &batch));
  }
  Check(db_->Flush(rocksdb::FlushOptions(), {contacts_, due_}));
}

void MinimalLoop::ReadAhead() {
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), due_));
  it->Seek(read_up_to_);
  if (it->Valid() && it->key() == read_up_to_) it->Next();
  for (; it->Valid() && ahead_.size() < kReadAhead; it->Next()) {
    ahead_.push_back(it->key().ToString());
  }
  Check(it->status());
  read_up_to_ = ahead_.back();
  std::reverse(ahead_.begin(), ahead_.end());
}

std::vector<std::string> MinimalLoop::NextGroup() {
  std::vector<std::string> group;
  while (group.size() < kGroup) {
    if (ahead_.empty()) ReadAhead();
    group.push_back(std::move(ahead_.back()));
    ahead_.pop_back();
  }
  return group;
}

double MinimalLoop::Decide(int decisions) {
  const auto begin = std::chrono::steady_clock::now();
  rocksdb::WriteOptions synced;
  synced.sync = true;
  std::string contact;
  for (int made = 0; made < decisions; made += kGroup) {
    const std::vector<std::string> group = NextGroup();
    rocksdb::WriteBatch marks, outcomes;
    for (const std::string& due : group) {
      const rocksdb::Slice id(due.data() + kMomentBytes, due.size() - kMomentBytes);
      Check(db_->Get(rocksdb::ReadOptions(), contacts_, id, &contact));
      contact.back() = 'd';
      Check(marks.SingleDelete(due_, due));
      Check(marks.Put(contacts_, id, contact));
    }
    Check(db_->Write(synced, &marks));
    for (const std::string& due : group) {
      const rocksdb::Slice id(due.data() + kMomentBytes, due.size() - kMomentBytes);
      Check(db_->Get(rocksdb::ReadOptions(), contacts_, id, &contact));
      contact.back() = 'o';
      Check(outcomes.Put(contacts_, id, contact));
      Check(outcomes.Put(due_, DueKey(++now_, id), ""));
    }
    Check(db_->Write(synced, &outcomes));
  }
  return SecondsSince(begin);
}

}  // namespace outdial::bench
