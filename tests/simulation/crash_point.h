// Where in a round, or in a life, the process of a simulated server dies.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/strings/string_view.h"
#include "engine/ports.h"
#include "tests/simulation/fault_tally.h"
#include "tests/simulation/port_wrappers.h"

namespace outdial::simulation {

enum class CrashPoint {
  kBetweenRounds,
  kBeforeCommit,  // stepped, and nothing written
  kInCommit,      // the write was begun: all of it is on disk, or nothing, or a torn piece
  kAfterCommit,   // written, and nothing has left
  kAfterSend,     // a command has left, and what comes after it has not
  kBeforeReply,   // the client is not told what was done
  kInLoad,        // the first commit of a life, which takes up what the one before left
  kInRecovery,    // while the nodes tell what became of the dialings
};
absl::string_view CrashPointName(CrashPoint point);

// What a round does, as far as a crash may wait for it.
struct RoundDeeds {
  bool dials = false;   // makes a dialing
  bool forces = false;  // stops a campaign by force
};

struct PlannedCrash {
  CrashPoint point = CrashPoint::kBetweenRounds;
  // Where it is a point of a round: one that makes a dialing.
  bool at_dialing = false;
  // So many times the process comes by before it dies.
  uint64_t spared = 0;
};

// Whether the process is dead, and where it will be. One thread.
class CrashSwitch {
 public:
  // A new life.
  void Reset(std::optional<PlannedCrash> plan);
  void Plan(const PlannedCrash& plan) { plan_ = plan; }
  void Cancel() { plan_.reset(); }
  // It dies with the next campaign that is stopped by force too: before a call of it was hung up.
  void DieAtForcedStop(bool dies) { at_forced_stop_ = dies; }

  bool dead() const { return dead_; }
  void Die(CrashPoint point);
  // The process comes by at `point`. True: it is dead.
  bool Reach(CrashPoint point, const RoundDeeds& deeds);

  const FaultTally& tally() const { return tally_; }

 private:
  std::optional<PlannedCrash> plan_;
  bool at_forced_stop_ = false;
  bool dead_ = false;
  FaultTally tally_;
};

// How long commits take.
class SlowDisk {
 public:
  virtual ~SlowDisk() = default;
  virtual void BeginCommit() = 0;
  virtual bool IsDone() const = 0;
};

// Dies at the points around a commit. The pointers outlive it.
class CrashingCommitter final : public CommitterWrapper {
 public:
  // `break_disk` makes the next commit fail in the middle. `slow_disk` is asked when a commit
  // begins, and then whether it is done.
  CrashingCommitter(engine::RoundCommitter* inner, CrashSwitch* crash,
                    std::function<void()> break_disk, SlowDisk* slow_disk)
      : CommitterWrapper(inner),
        crash_(crash),
        break_disk_(std::move(break_disk)),
        slow_disk_(slow_disk) {}

  engine::RoundStore& Round() override;
  void BeginCommit(std::function<void()> done) override;
  bool CommitIsDone() const override {
    return slow_disk_->IsDone() && CommitterWrapper::CommitIsDone();
  }
  absl::Status FinishCommit() override;
  void Discard() override;

 private:
  class Watched final : public RoundStoreWrapper {
   public:
    absl::Status CreateDialing(const v1::Dialing& dialing) override {
      deeds.dials = true;
      return RoundStoreWrapper::CreateDialing(dialing);
    }
    absl::Status PutCampaign(const v1::Campaign& campaign) override {
      if (campaign.status() == v1::CAMPAIGN_STATUS_STOPPING_FORCED) deeds.forces = true;
      return RoundStoreWrapper::PutCampaign(campaign);
    }
    RoundDeeds deeds;
  };

  CrashSwitch* crash_;
  std::function<void()> break_disk_;
  SlowDisk* slow_disk_;
  Watched round_;
  RoundDeeds closed_;
  bool loaded_ = false;
};

}  // namespace outdial::simulation
