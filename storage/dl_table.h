// Entries of dial lists: their rows, what is looked up by text, and their part of index and
// counters.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "outdial/v1/dl.pb.h"
#include "storage/class_index.h"
#include "storage/counters.h"
#include "storage/dl_cache.h"
#include "storage/dl_read_ahead.h"
#include "storage/kv.h"
#include "storage/round_overlay.h"
#include "storage/state_packer.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// NOT_FOUND: never made. A deleted one has tm_delete.
absl::StatusOr<v1::Dl> ReadDl(const KvReader& reader, const engine::DlUuid& uuid);

// As RoundStore::FindEntries.
absl::StatusOr<std::vector<engine::DlUuid>> FindByText(const KvReader& reader,
                                                       engine::ListNumber list,
                                                       engine::EntryKey key, absl::string_view text,
                                                       size_t limit);

// What the client had given when the entry had this revision.
absl::StatusOr<DlStatic> ReadDlStaticAt(const KvReader& reader, const engine::DlUuid& uuid,
                                        uint64_t revision);

// Whether an entry stands in the index: idle and not deleted.
bool IsIndexed(const v1::Dl& dl);

// What the class index looks at. INTERNAL: a time of the record can't be read.
absl::StatusOr<ClassIndex::Entry> IndexEntryOf(const engine::DlUuid& uuid, const v1::Dl& dl);

// What an entry adds to the counters of its list: dlma_uuid is left empty.
ListRow CountsOf(const v1::Dl& dl);

// A number as it is dialled, under which it is looked up: without spaces, `(`, `)`, `-` and `.`; a
// sip: or sips: address as it is.
std::string DialledNumber(absl::string_view number);

// Keys of an entry in the number and ukey families; none for a deleted one.
struct TextKeys {
  std::vector<std::string> numbers;
  std::vector<std::string> ukeys;
};
TextKeys TextKeysOf(const engine::DlUuid& uuid, const v1::Dl& dl);

// Belongs to the thread that writes; what it is made with must outlive it.
class DlTable {
 public:
  DlTable(RoundOverlay* overlay, ClassIndex* index, Counters* counters, StatePacker* packer,
          DlReadAhead* read_ahead)
      : overlay_(overlay),
        index_(index),
        counters_(counters),
        packer_(packer),
        read_ahead_(read_ahead) {}

  // As RoundStore::GetDl.
  absl::StatusOr<engine::DlPtr> Get(const engine::DlUuid& uuid);
  // These entries will be asked for, in this order.
  void Expect(const std::vector<engine::IdleKey>& keys);
  // As RoundStore::PutDl.
  absl::StatusOr<engine::IndexChange> Put(const v1::Dl* before, const v1::Dl& after,
                                          absl::Time now);
  // The list is deleted, and its rows with it: nothing of it is held any more.
  void DropList(engine::ListNumber list);
  // Drops everything that is held: after a round was thrown away.
  void Forget();

 private:
  absl::StatusOr<engine::IndexChange> Reindex(const engine::DlUuid& uuid, const v1::Dl* before,
                                              const v1::Dl& after, int64_t now_us);
  absl::Status Recount(engine::ListNumber list, const v1::Dl* before, const v1::Dl& after);
  absl::Status PutStatic(const engine::DlUuid& uuid, const v1::Dl* before, const v1::Dl& after);
  void ReindexTexts(const engine::DlUuid& uuid, const v1::Dl* before, const v1::Dl& after);

  RoundOverlay* const overlay_;
  ClassIndex* const index_;
  Counters* const counters_;
  StatePacker* const packer_;
  DlReadAhead* const read_ahead_;
  DlCache cache_;
  // Made over and over: an import makes millions, and its memory is used again.
  DlStatic static_;
};

}  // namespace outdial::storage
