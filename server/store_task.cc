#include "server/store_task.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/campaign_lifecycle.h"
#include "outdial/v1/campaign.pb.h"
#include "storage/backup.h"
#include "storage/database_lock.h"
#include "storage/read_only_store.h"
#include "storage/record_table.h"
#include "storage/rocksdb_access.h"
#include "storage/store_directory.h"
#include "storage/table_files.h"
#include "storage/verify_store.h"

namespace outdial::server {
namespace {

constexpr int kSound = 0;
constexpr int kFailed = 1;
constexpr char kHowToRestore[] =
    "; move the directory away and put a backup in its place: outdiald --restore BACKUP "
    "--data-dir DIRECTORY\n";

// Prints each damage as it is found, on a line of its own.
class DamagePrinter {
 public:
  explicit DamagePrinter(std::ostream* out) : out_(*out) {}
  void Print(const absl::Status& damage) {
    ++count_;
    out_ << "damaged: " << absl::StripPrefix(damage.message(), storage::kTakeBackup) << "\n";
    out_.flush();
  }
  uint64_t count() const { return count_; }

 private:
  std::ostream& out_;
  uint64_t count_ = 0;
};

int Fail(const absl::Status& status, std::ostream& err) {
  err << status.message() << "\n";
  return kFailed;
}

std::string Summary(const storage::VerifyTotals& totals) {
  return absl::StrCat(totals.records, " campaigns, plans, dlmas and destinations, ", totals.entries,
                      " entries, ", totals.live_dialings, " dialings in progress, ", totals.results,
                      " results, ", totals.events, " events");
}

int PrintVerdict(const std::string& data_dir, const DamagePrinter& printer, std::ostream& out) {
  if (printer.count() == 0) {
    out << data_dir << " is sound\n";
    return kSound;
  }
  out << data_dir << " is damaged in " << printer.count()
      << (printer.count() == 1 ? " place" : " places") << kHowToRestore;
  return kFailed;
}

int Verify(const std::string& data_dir, std::ostream& out, std::ostream& err) {
  absl::Status status = storage::RequireStore(data_dir);
  if (status.ok()) status = storage::CheckStoreWritable(data_dir);
  if (!status.ok()) return Fail(status, err);
  const auto lock = storage::DatabaseLock::Take(data_dir);
  if (!lock.ok()) return Fail(lock.status(), err);

  DamagePrinter printer(&out);
  const std::string database = storage::DatabasePath(data_dir);
  for (const absl::Status& damage : storage::DamagedTables(database, storage::TableCheck::kRead)) {
    printer.Print(damage);
  }
  // What a damaged file held would be missed in many places, and say nothing new.
  if (printer.count() > 0) return PrintVerdict(data_dir, printer, out);
  const auto store = storage::ReadOnlyStore::Open(data_dir);
  if (absl::IsDataLoss(store.status())) {
    printer.Print(store.status());
    return PrintVerdict(data_dir, printer, out);
  }
  if (!store.ok()) return Fail(store.status(), err);
  const auto print = [&](const absl::Status& damage) { printer.Print(damage); };
  if (absl::Status has_log = (*store)->CheckLogIsThere(); !has_log.ok()) print(has_log);
  out << Summary(storage::FindDamage(**store, print)) << "\n";
  return PrintVerdict(data_dir, printer, out);
}

// Campaigns that dialled when the backup was made.
absl::StatusOr<std::vector<v1::Campaign>> RunningCampaigns(const std::string& directory) {
  constexpr size_t kPage = 500;
  const auto store =
      storage::ReadOnlyStore::Open(directory, {storage::Family::kMeta, storage::Family::kRecord});
  if (!store.ok()) return store.status();
  std::vector<v1::Campaign> running;
  engine::Uuid after;
  while (true) {
    const auto page = storage::ReadRecords<v1::Campaign>(**store, after, kPage);
    if (!page.ok()) return page.status();
    if (page->empty()) return running;
    for (const v1::Campaign& campaign : *page) {
      const auto uuid = engine::Uuid::Parse(campaign.uuid());
      if (!uuid.has_value()) return absl::DataLossError("a campaign without a uuid");
      after = *uuid;
      if (engine::MayDial(campaign.status())) running.push_back(campaign);
    }
  }
}

void PrintRestored(const storage::Backup& backup, const std::vector<v1::Campaign>& running,
                   const std::string& data_dir, std::ostream& out) {
  out << "restored " << backup.bytes << " bytes into " << data_dir << "\n";
  if (backup.last_event == 0) return;
  out << "the newest change in it is of "
      << absl::FormatTime(absl::RFC3339_sec, backup.last_written, absl::UTCTimeZone())
      << ": calls made after it are not known\n";
  for (const v1::Campaign& campaign : running) {
    out << "campaign " << campaign.uuid() << " (" << absl::Utf8SafeCHexEscape(campaign.name())
        << ") was running: outdiald stops it when it starts. Whoever was called since is called "
           "again once you start it: outdialctl campaign start "
        << campaign.uuid() << "\n";
  }
}

int Restore(const StoreTask& task, std::ostream& out, std::ostream& err) {
  // Said before the backup is read, which may take minutes.
  if (absl::Status free = storage::RequireFree(task.data_dir); !free.ok()) return Fail(free, err);
  DamagePrinter printer(&out);
  const auto print = [&](const absl::Status& damage) { printer.Print(damage); };
  const absl::StatusOr<storage::Backup> backup = storage::CheckBackup(task.backup, print);
  if (!backup.ok()) return Fail(backup.status(), err);
  const auto running = RunningCampaigns(task.backup);
  if (!running.ok()) return Fail(running.status(), err);
  if (absl::Status status = storage::RestoreBackup(*backup, task.data_dir); !status.ok()) {
    return Fail(status, err);
  }
  PrintRestored(*backup, *running, task.data_dir, out);
  return kSound;
}

}  // namespace

int RunStoreTask(const StoreTask& task, std::ostream& out, std::ostream& err) {
  if (task.kind == StoreTask::Kind::kVerify) return Verify(task.data_dir, out, err);
  return Restore(task, out, err);
}

}  // namespace outdial::server
