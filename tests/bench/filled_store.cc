#include "tests/bench/filled_store.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/dl_class.h"
#include "engine/now.h"
#include "engine/random.h"
#include "engine/uuid_generator.h"
#include "tests/bench/bench_world.h"

namespace outdial::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kManyClasses = 1000;
constexpr int kEntriesPerCommit = 2000;
constexpr int kPlans = 10;

// A node that is never told anything: nothing is dialled while a store is filled.
class NoNode : public engine::NodeTransport {
 public:
  void Send(const engine::NodeCommand&) override {}
};

std::string MakeDirectory() {
  std::string path = (fs::temp_directory_path() / "outdial-bench-XXXXXX").string();
  OUTDIAL_CHECK(mkdtemp(path.data()) != nullptr, "a directory can be made");
  return path;
}

constexpr v1::Outcome kOutcomes[] = {v1::OUTCOME_BUSY,     v1::OUTCOME_NO_ANSWER,
                                     v1::OUTCOME_REJECTED, v1::OUTCOME_NETWORK_FAILURE,
                                     v1::OUTCOME_UNKNOWN,  v1::OUTCOME_INVALID_NUMBER};

// Of a few classes: numbers, tries and outcome are drawn from the class's number.
void SetFewClass(int number, v1::Dl* dl) {
  const int numbers = 1 + number % 3;
  const int tries = number / 3 % 3;
  for (int i = 1; i < numbers; ++i) dl->set_number(i, absl::StrCat(dl->number(0), i));
  dl->set_trycnt(0, static_cast<uint32_t>(tries));
  if (tries > 0) dl->set_outcome(kOutcomes[number / 9 % 2]);
}

// Of many classes: twenty tries on four numbers, in one of 1,771 ways, and one of six outcomes.
void SetManyClass(int number, v1::Dl* dl) {
  int way = number / static_cast<int>(std::size(kOutcomes));
  int left = 20;
  for (int slot = 0; slot < 3; ++slot) {
    int tries = 0;
    // As many ways as there are to spread the rest over the slots that follow.
    for (;; ++tries) {
      const int rest = left - tries;
      const int ways = slot == 0 ? (rest + 1) * (rest + 2) / 2 : slot == 1 ? rest + 1 : 1;
      if (way < ways) break;
      way -= ways;
    }
    dl->set_trycnt(slot, static_cast<uint32_t>(tries));
    left -= tries;
  }
  dl->set_trycnt(3, static_cast<uint32_t>(left));
  for (int slot = 1; slot < 4; ++slot) dl->set_number(slot, absl::StrCat(dl->number(0), slot));
  dl->set_outcome(kOutcomes[static_cast<size_t>(number) % std::size(kOutcomes)]);
}

class Filler {
 public:
  Filler(const std::string& directory, const StoreShape& shape)
      : shape_(shape), world_(directory, 1, &node_) {}

  void Run() {
    world_.OpenStore();
    world_.StartLoop();
    MakeList();
    MakeDestination();
    std::vector<std::string> plans;
    for (int i = 0; i < std::min(shape_.campaigns, kPlans); ++i) plans.push_back(MakePlan(i));
    for (int i = 0; i < shape_.campaigns; ++i) {
      StartCampaign(plans[static_cast<size_t>(i) % plans.size()]);
    }
  }

  // To a store that was filled before: each with a list as the shape says.
  void AddCampaigns(int campaigns) {
    world_.OpenStore();
    world_.StartLoop();
    // Uuids come from the time and a fixed seed: no time is used twice.
    world_.clock().Advance(absl::Hours(1));
    MakeDestination();
    const std::string plan = MakePlan(0);
    for (int i = 0; i < campaigns; ++i) {
      MakeList();
      StartCampaign(plan);
    }
  }

 private:
  void MakeList() {
    dlma_ = world_.Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid();
    for (int row = 0; row < shape_.entries; row += kEntriesPerCommit) {
      PutEntries(row, std::min(shape_.entries, row + kEntriesPerCommit));
    }
  }

  void MakeDestination() {
    v1::OutDestinationCreateRequest dest;
    dest.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
    dest.mutable_destination()->set_application("Echo");
    dest_ = world_.Do<v1::OutDestinationCreateResponse>(dest).destination().uuid();
  }

  void PutEntries(int begin, int end) {
    const absl::Time now = world_.clock().Read().wall;
    for (int row = begin; row < end; ++row) {
      const absl::Status put = world_.store().Round().PutDl(nullptr, EntryOf(row), now).status();
      OUTDIAL_CHECK(put.ok(), put.ToString().c_str());
    }
    const absl::Status committed = world_.store().Commit();
    OUTDIAL_CHECK(committed.ok(), committed.ToString().c_str());
  }

  v1::Dl EntryOf(int row) {
    const absl::Time now = world_.clock().Read().wall;
    const engine::DlmaUuid dlma = *engine::DlmaUuid::Parse(dlma_);
    v1::Dl dl;
    dl.set_uuid(uuids_.Next(now, dlma.list_number()).ToString());
    dl.set_revision(1);
    dl.set_tm_create(engine::FormatRecordTime(now));
    dl.set_dlma_uuid(dlma_);
    dl.set_status(v1::DL_STATUS_IDLE);
    dl.set_ukey(absl::StrCat("key-", row));
    dl.set_name(absl::StrCat("Person ", row));
    for (int i = 0; i < engine::kNumberSlots; ++i) {
      dl.add_number(i == 0 ? absl::StrCat("+1555", 10000000 + row) : "");
      dl.add_trycnt(0);
    }
    const int class_number = row % shape_.classes;
    if (shape_.classes < kManyClasses) {
      SetFewClass(class_number, &dl);
    } else {
      SetManyClass(class_number, &dl);
    }
    if (shape_.shuffled && !dl.has_outcome()) {
      dl.set_trycnt(0, 1);
      dl.set_outcome(kOutcomes[0]);
    }
    if (dl.has_outcome()) {
      // Dialled a day ago.
      const absl::Time hangup = now - absl::Hours(24) + absl::Milliseconds(PlaceOf(row));
      dl.set_res_dial(v1::DIAL_RESULT_BUSY);
      dl.set_tm_last_hangup(engine::FormatRecordTime(hangup));
    }
    return dl;
  }

  // When an entry was dialled among all of them: in the order of the list, or in none.
  int64_t PlaceOf(int row) {
    const auto entries = static_cast<uint64_t>(shape_.entries);
    return shape_.shuffled ? static_cast<int64_t>(random_.Below(entries)) : row;
  }

  std::string MakePlan(int number) {
    v1::OutPlanCreateRequest plan;
    plan.mutable_plan()->set_dial_mode(v1::DIAL_MODE_ROBO);
    plan.mutable_plan()->set_trunk_name("gw");
    plan.mutable_plan()->set_retry_delay(1);
    plan.mutable_plan()->set_dl_end_handle(v1::DL_END_HANDLE_KEEP_RUNNING);
    for (int i = 0; i < engine::kNumberSlots; ++i) {
      plan.mutable_plan()->add_max_retry(static_cast<uint32_t>(20 - number / 2 * (i % 2)));
    }
    return world_.Do<v1::OutPlanCreateResponse>(plan).plan().uuid();
  }

  void StartCampaign(const std::string& plan) {
    v1::OutCampaignCreateRequest campaign;
    campaign.mutable_campaign()->set_plan(plan);
    campaign.mutable_campaign()->set_dest(dest_);
    campaign.mutable_campaign()->set_dlma(dlma_);
    v1::OutCampaignUpdateRequest start;
    start.mutable_campaign()->set_uuid(
        world_.Do<v1::OutCampaignCreateResponse>(campaign).campaign().uuid());
    start.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
    world_.Do<v1::OutCampaignUpdateResponse>(start);
  }

  const StoreShape shape_;
  NoNode node_;
  BenchWorld world_;
  engine::UuidGenerator uuids_{2};
  engine::Random random_{3};
  std::string dlma_;
  std::string dest_;
};

}  // namespace

TemporaryDirectory::TemporaryDirectory() : path_(MakeDirectory()) {}
TemporaryDirectory::~TemporaryDirectory() { fs::remove_all(path_); }

std::string StoreIn(const std::string& place, const StoreShape& shape) {
  const std::string path =
      absl::StrCat(place, "/", shape.entries, "-entries-", shape.classes, "-classes-",
                   shape.campaigns, "-campaigns", shape.shuffled ? "-shuffled" : "");
  if (fs::exists(path)) return path;
  // Under another name until it is whole.
  const std::string partial = path + ".partial";
  fs::remove_all(partial);
  fs::create_directories(partial);
  Filler(partial, shape).Run();
  fs::rename(partial, path);
  return path;
}

void AddCampaigns(const std::string& directory, int campaigns, int entries_of_each) {
  Filler(directory, {.entries = entries_of_each}).AddCampaigns(campaigns);
}

void CopyStore(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from)) {
    const fs::path target = to / fs::relative(entry.path(), from);
    if (entry.is_directory()) {
      fs::create_directories(target);
    } else if (entry.path().extension() == ".sst") {
      fs::create_hard_link(entry.path(), target);
    } else {
      fs::copy_file(entry.path(), target);
    }
  }
}

}  // namespace outdial::bench
