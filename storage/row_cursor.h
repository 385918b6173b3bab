// Steps through the rows of a family, a page at a time, so that the store may be read in between.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "storage/key_schema.h"
#include "storage/kv.h"

namespace outdial::storage {

// Belongs to one thread. `reader` must outlive it, and not change.
//
//   for (RowCursor row(reader, family, range); row.Valid(); row.Next()) ...
//   if (!row.status().ok()) ...
class RowCursor {
 public:
  RowCursor(const KvReader& reader, Family family, KeyRange range)
      : reader_(reader), family_(family), range_(std::move(range)) {
    ReadPage();
  }

  // False: there are no more, or they can't be read.
  bool Valid() const { return next_ < page_.size(); }
  const std::string& key() const { return page_[next_].first; }
  const std::string& value() const { return page_[next_].second; }
  void Next() {
    if (++next_ == page_.size() && page_.size() == kPageRows) {
      range_.first = KeyAfter(page_.back().first);
      ReadPage();
    }
  }
  // DATA_LOSS: reading failed at this place.
  const absl::Status& status() const { return status_; }

 private:
  static constexpr size_t kPageRows = 512;

  void ReadPage() {
    page_.clear();
    next_ = 0;
    status_ = reader_.Scan(family_, range_, kPageRows,
                           [&](absl::string_view key, absl::string_view value) {
                             page_.emplace_back(std::string(key), std::string(value));
                             return true;
                           });
  }

  const KvReader& reader_;
  const Family family_;
  KeyRange range_;
  std::vector<std::pair<std::string, std::string>> page_;
  size_t next_ = 0;
  absl::Status status_;
};

}  // namespace outdial::storage
