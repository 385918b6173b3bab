#include "tests/simulation/planted_fault.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "tests/simulation/port_wrappers.h"

namespace outdial::simulation {

namespace {

using engine::DialingUuid;
using engine::NodeCommand;
using engine::NodeEvent;
using storage::Durability;
using storage::KeyValueStore;
using storage::WriteBatch;

// One of so many of the things that a fault hits is hit.
constexpr int kEvery = 40;

// ---- Under the records

template <class Kv>
class DiskFault : public PlantedFault {
 public:
  using PlantedFault::Wrap;
  std::unique_ptr<KeyValueStore> Wrap(std::unique_ptr<KeyValueStore> kv) override {
    return std::make_unique<Kv>(std::move(kv));
  }
};

class UnsyncedKv final : public KeyValueStoreWrapper {
 public:
  using KeyValueStoreWrapper::KeyValueStoreWrapper;
  absl::Status Commit(const WriteBatch& batch, Durability) override {
    return inner().Commit(batch, Durability::kBuffered);
  }
};

void Append(const WriteBatch::Op& op, WriteBatch* batch) {
  switch (op.kind) {
    case WriteBatch::Op::Kind::kPut:
      return batch->Put(op.family, op.key, op.value);
    case WriteBatch::Op::Kind::kDelete:
      return batch->Delete(op.family, op.key);
    case WriteBatch::Op::Kind::kDeleteRange:
      return batch->DeleteRange(op.family, op.key, op.value);
  }
}

class TearingKv final : public KeyValueStoreWrapper {
 public:
  using KeyValueStoreWrapper::KeyValueStoreWrapper;
  absl::Status Commit(const WriteBatch& batch, Durability) override {
    WriteBatch first;
    WriteBatch second;
    const size_t half = batch.ops().size() / 2;
    for (size_t i = 0; i < batch.ops().size(); ++i) {
      Append(batch.ops()[i], i < half ? &first : &second);
    }
    const absl::Status status = inner().Commit(first, Durability::kSynced);
    return status.ok() ? inner().Commit(second, Durability::kBuffered) : status;
  }
};

// Leaves out some rows of one family. Rows that should go do: an entry that is picked twice ends
// the process, which tells its seed and nothing more.
template <storage::Family kFamily>
class ForgetfulKv final : public KeyValueStoreWrapper {
 public:
  using KeyValueStoreWrapper::KeyValueStoreWrapper;
  absl::Status Commit(const WriteBatch& batch, Durability durability) override {
    WriteBatch rest;
    for (const WriteBatch::Op& op : batch.ops()) {
      const bool put = op.kind == WriteBatch::Op::Kind::kPut;
      if (op.family == kFamily && put && ++seen_ % kEvery == 0) continue;
      Append(op, &rest);
    }
    return inner().Commit(rest, durability);
  }

 private:
  int seen_ = 0;
};

// ---- What a round sees and does

// `Changed` is a RoundStoreWrapper.
template <class Changed>
class RoundFault : public PlantedFault {
 public:
  using PlantedFault::Wrap;
  std::unique_ptr<engine::RoundCommitter> Wrap(engine::RoundCommitter* store) override {
    return std::make_unique<Committer>(store);
  }

 private:
  class Committer final : public CommitterWrapper {
   public:
    using CommitterWrapper::CommitterWrapper;
    engine::RoundStore& Round() override {
      round_.Wrap(&CommitterWrapper::Round());
      return round_;
    }

   private:
    Changed round_;
  };
};

class NoLedger final : public RoundStoreWrapper {
 public:
  absl::StatusOr<std::optional<engine::LedgerEntry>> FindRequest(absl::string_view) override {
    return std::nullopt;
  }
};

class NoImportProgress final : public RoundStoreWrapper {
 public:
  absl::Status PutImport(absl::string_view, const engine::ImportProgress&, absl::Time) override {
    return absl::OkStatus();
  }
};

class NoTwins final : public RoundStoreWrapper {
 public:
  absl::StatusOr<std::vector<engine::DlUuid>> FindEntries(engine::ListNumber, engine::EntryKey,
                                                          absl::string_view, size_t) override {
    return std::vector<engine::DlUuid>();
  }
};

class DroppedEvents final : public RoundStoreWrapper {
 public:
  absl::Status AppendEvent(const engine::EventNote& note) override {
    if (++seen_ % kEvery == 0) return absl::OkStatus();
    return RoundStoreWrapper::AppendEvent(note);
  }

 private:
  int seen_ = 0;
};

class DoubledEvents final : public RoundStoreWrapper {
 public:
  absl::Status AppendEvent(const engine::EventNote& note) override {
    const absl::Status status = RoundStoreWrapper::AppendEvent(note);
    return status.ok() && ++seen_ % kEvery == 0 ? RoundStoreWrapper::AppendEvent(note) : status;
  }

 private:
  int seen_ = 0;
};

class ForgottenStops final : public RoundStoreWrapper {
 public:
  absl::Status ForEachCampaign(const std::function<void(v1::Campaign)>& call) override {
    return RoundStoreWrapper::ForEachCampaign([&call](v1::Campaign campaign) {
      if (campaign.status() != v1::CAMPAIGN_STATUS_STOP) {
        campaign.set_status(v1::CAMPAIGN_STATUS_START);
      }
      call(std::move(campaign));
    });
  }
};

class ForgottenDialings final : public RoundStoreWrapper {
 public:
  absl::Status ForEachLiveDialing(const std::function<void(v1::Dialing)>&) override {
    return absl::OkStatus();
  }
};

class ForgottenDelays final : public RoundStoreWrapper {
 public:
  absl::Status ForEachPlan(const std::function<void(v1::Plan)>& call) override {
    return RoundStoreWrapper::ForEachPlan([&call](v1::Plan plan) {
      plan.set_retry_delay(0);
      call(std::move(plan));
    });
  }
};

// An entry whose dialing's end nobody saw gets its try back.
class ForgivenTries final : public RoundStoreWrapper {
 public:
  absl::StatusOr<engine::IndexChange> PutDl(const v1::Dl* before, const v1::Dl& after,
                                            absl::Time now) override {
    v1::Dl changed = after;
    const bool ended = before != nullptr && before->status() == v1::DL_STATUS_DIALING &&
                       after.status() == v1::DL_STATUS_IDLE;
    if (ended && after.outcome() == v1::OUTCOME_UNKNOWN) {
      for (int i = 0; i < changed.trycnt_size(); ++i) {
        if (changed.trycnt(i) == 0) continue;
        changed.set_trycnt(i, changed.trycnt(i) - 1);
        break;
      }
    }
    return RoundStoreWrapper::PutDl(before, changed, now);
  }
};

// As it was, but for what is stopped by force: that is only stopping.
class ForgottenForce final : public RoundStoreWrapper {
 public:
  absl::Status ForEachCampaign(const std::function<void(v1::Campaign)>& call) override {
    return RoundStoreWrapper::ForEachCampaign([&call](v1::Campaign campaign) {
      if (campaign.status() == v1::CAMPAIGN_STATUS_STOPPING_FORCED) {
        campaign.set_status(v1::CAMPAIGN_STATUS_STOPPING);
      }
      call(std::move(campaign));
    });
  }
};

class ForgottenLists final : public RoundStoreWrapper {
 public:
  absl::StatusOr<engine::ListNumber> MaxListNumber() override { return engine::ListNumber{0}; }
};

class NoLateChannels final : public RoundStoreWrapper {
 public:
  absl::StatusOr<bool> HasDialing(const DialingUuid&) override { return false; }
};

class NoImportEvents final : public RoundStoreWrapper {
 public:
  absl::Status AppendEvent(const engine::EventNote& note) override {
    if (note.kind == v1::EVENT_KIND_OUT_DL_LIST_IMPORT) return absl::OkStatus();
    return RoundStoreWrapper::AppendEvent(note);
  }
};

class ShortLedger final : public RoundStoreWrapper {
 public:
  absl::Status PutRequest(absl::string_view request_id, const engine::LedgerEntry& entry,
                          absl::Time now) override {
    return RoundStoreWrapper::PutRequest(request_id, entry,
                                         now - absl::Hours(24 * 7) + absl::Minutes(1));
  }
};

class EarlyRipening final : public RoundStoreWrapper {
 public:
  absl::StatusOr<std::vector<engine::IndexPlace>> RipenEntries(engine::ListNumber list,
                                                               absl::Time now,
                                                               size_t limit) override {
    return RoundStoreWrapper::RipenEntries(list, now + absl::Minutes(5), limit);
  }
};

// An entry that comes back from its dialing has lost what its client wrote.
class LostChanges final : public RoundStoreWrapper {
 public:
  absl::StatusOr<engine::IndexChange> PutDl(const v1::Dl* before, const v1::Dl& after,
                                            absl::Time now) override {
    v1::Dl changed = after;
    if (before != nullptr && before->status() == v1::DL_STATUS_DIALING &&
        after.status() == v1::DL_STATUS_IDLE) {
      changed.clear_udata();
    }
    return RoundStoreWrapper::PutDl(before, changed, now);
  }
};

// ---- When a round is committed

// Some rounds are told to be durable, and are committed when the next one begins.
template <bool kDialingRounds>
class LateCommitter final : public CommitterWrapper {
 public:
  using CommitterWrapper::CommitterWrapper;
  engine::RoundStore& Round() override {
    if (std::exchange(owed_, false)) (void)inner().Commit();
    round_.Wrap(&CommitterWrapper::Round());
    return round_;
  }
  void BeginCommit(std::function<void()> done) override {
    owed_ = std::exchange(round_.dials, false) == kDialingRounds;
    is_honest_ = !owed_;
    if (is_honest_) CommitterWrapper::BeginCommit(std::move(done));
  }
  absl::Status FinishCommit() override {
    return is_honest_ ? CommitterWrapper::FinishCommit() : absl::OkStatus();
  }
  void Discard() override {
    round_.dials = owed_ = false;
    CommitterWrapper::Discard();
  }

 private:
  class Watched final : public RoundStoreWrapper {
   public:
    absl::Status CreateDialing(const v1::Dialing& dialing) override {
      dials = true;
      return RoundStoreWrapper::CreateDialing(dialing);
    }
    bool dials = false;
  };
  Watched round_;
  bool owed_ = false;
  bool is_honest_ = true;  // of the commit that was begun last
};

// A round that the full disk did not take is forgotten, and the engine not told.
class ForgivingCommitter final : public CommitterWrapper {
 public:
  using CommitterWrapper::CommitterWrapper;
  absl::Status FinishCommit() override {
    const absl::Status status = CommitterWrapper::FinishCommit();
    if (!absl::IsResourceExhausted(status)) return status;
    CommitterWrapper::Discard();
    return absl::OkStatus();
  }
};

// Events are told before they are there.
class HastyCommitter final : public CommitterWrapper {
 public:
  using CommitterWrapper::CommitterWrapper;
  uint64_t LastEventSequence() const override { return CommitterWrapper::LastEventSequence() + 1; }
};

template <class Committer>
class CommitFault : public PlantedFault {
 public:
  using PlantedFault::Wrap;
  std::unique_ptr<engine::RoundCommitter> Wrap(engine::RoundCommitter* store) override {
    return std::make_unique<Committer>(store);
  }
};

// ---- Between the loop and the nodes

class ResendsOnReconnect final : public PlantedFault {
 public:
  void OnCommand(const NodeCommand& command, const Send& send) override {
    if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
      unanswered_[originate->dialing] = command;
    }
    send(command);
  }
  void OnFact(NodeEvent event, const Send& send, const Post& post) override {
    if (const auto* accepted = std::get_if<engine::OriginateAccepted>(&event.fact)) {
      unanswered_.erase(accepted->dialing);
    } else if (const auto* refused = std::get_if<engine::OriginateRefused>(&event.fact)) {
      unanswered_.erase(refused->dialing);
    } else if (const auto* unsent = std::get_if<engine::OriginateUnsent>(&event.fact)) {
      unanswered_.erase(unsent->dialing);
    }
    const bool back = std::holds_alternative<engine::NodeSynced>(event.fact);
    const std::string node = event.node;
    post(std::move(event));
    for (auto it = unanswered_.begin(); back && it != unanswered_.end();) {
      if (it->second.node == node) send(it->second);
      it = it->second.node == node ? unanswered_.erase(it) : std::next(it);
    }
  }

 private:
  std::map<DialingUuid, NodeCommand> unanswered_;
};

// What has no channel yet is taken for not sent when its node is lost.
class ClosesPendingEarly final : public PlantedFault {
 public:
  void OnCommand(const NodeCommand& command, const Send& send) override {
    if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
      pending_[originate->dialing] = command.node;
    }
    send(command);
  }
  void OnFact(NodeEvent event, const Send&, const Post& post) override {
    if (const auto* created = std::get_if<engine::ChannelCreated>(&event.fact)) {
      pending_.erase(created->dialing);
    } else if (const auto* listed = std::get_if<engine::ChannelListed>(&event.fact)) {
      pending_.erase(listed->dialing);
    }
    const std::string node = event.node;
    const bool lost = std::holds_alternative<engine::NodeDisconnected>(event.fact);
    post(std::move(event));
    for (auto it = pending_.begin(); lost && it != pending_.end();) {
      if (it->second == node) post({node, engine::OriginateRefused{it->first, "presumed lost"}});
      it = it->second == node ? pending_.erase(it) : std::next(it);
    }
  }

 private:
  std::map<DialingUuid, std::string> pending_;
};

class DropsHangups final : public PlantedFault {
 public:
  void OnCommand(const NodeCommand& command, const Send& send) override {
    if (!std::holds_alternative<engine::Hangup>(command.command)) send(command);
  }
};

class HangsUpOnce final : public PlantedFault {
 public:
  void OnCommand(const NodeCommand& command, const Send& send) override {
    const auto* hangup = std::get_if<engine::Hangup>(&command.command);
    if (hangup == nullptr || asked_.insert(hangup->dialing).second) send(command);
  }

 private:
  std::set<DialingUuid> asked_;
};

class MissesLosses final : public PlantedFault {
 public:
  void OnFact(NodeEvent event, const Send&, const Post& post) override {
    if (!std::holds_alternative<engine::NodeDisconnected>(event.fact)) post(std::move(event));
  }
};

// Every node seems to have been started a moment ago, or always to have been there.
template <bool kAlways>
class WrongBoots final : public PlantedFault {
 public:
  void OnFact(NodeEvent event, const Send&, const Post& post) override {
    if (auto* connected = std::get_if<engine::NodeConnected>(&event.fact)) {
      connected->boot_time.reset();
      if (kAlways) connected->boot_time = absl::FromUnixSeconds(4102444800);  // 2100
    }
    post(std::move(event));
  }
};

// A refusal is taken for that of the Originate that left last.
class MixesAnswers final : public PlantedFault {
 public:
  void OnCommand(const NodeCommand& command, const Send& send) override {
    if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
      last_ = originate->dialing;
    }
    send(command);
  }
  void OnFact(NodeEvent event, const Send&, const Post& post) override {
    if (auto* refused = std::get_if<engine::OriginateRefused>(&event.fact)) {
      refused->dialing = last_;
    }
    post(std::move(event));
  }

 private:
  DialingUuid last_;
};

class SendsTwice final : public PlantedFault {
 public:
  void OnCommand(const NodeCommand& command, const Send& send) override {
    send(command);
    const auto* originate = std::get_if<engine::Originate>(&command.command);
    if (originate == nullptr || ++seen_ % kEvery != 0) return;
    NodeCommand again = command;
    std::string other = originate->dialing.ToString();
    other.front() = other.front() == 'f' ? 'e' : 'f';
    std::get<engine::Originate>(again.command).dialing = *DialingUuid::Parse(other);
    send(again);
  }

 private:
  int seen_ = 0;
};

// ---- What the engine is told to keep to

class IgnoresCallCaps final : public PlantedFault {
 public:
  void Change(engine::EngineConfig* config) override {
    config->server_cap.max_calls += 5;
    config->trunk_cap.max_calls += 5;
    for (engine::NodeConfig& node : config->nodes) node.cap.max_calls += 5;
  }
};

class IgnoresPace final : public PlantedFault {
 public:
  void Change(engine::EngineConfig* config) override {
    config->server_cap.calls_per_second *= 3;
    config->trunk_cap.calls_per_second *= 3;
    for (engine::NodeConfig& node : config->nodes) node.cap.calls_per_second *= 3;
  }
};

template <class Fault>
std::unique_ptr<PlantedFault> Make() {
  return std::make_unique<Fault>();
}

}  // namespace

const std::vector<PlantedFaultKind>& PlantedFaults() {
  using storage::Family;
  static const std::vector<PlantedFaultKind> kAll{
      {"no-sync", "commits are not synced", Make<DiskFault<UnsyncedKv>>},
      {"torn-round", "half of each round is not synced", Make<DiskFault<TearingKv>>},
      {"loses-class-count", "some counters of classes are not written",
       Make<DiskFault<ForgetfulKv<Family::kClass>>>},
      {"loses-list-count", "some counters of lists are not written",
       Make<DiskFault<ForgetfulKv<Family::kList>>>},
      {"loses-index-row", "some entries don't get into the index of idle ones",
       Make<DiskFault<ForgetfulKv<Family::kIdle>>>},
      {"loses-result", "some results are not written",
       Make<DiskFault<ForgetfulKv<Family::kResult>>>},
      {"sends-before-commit", "an Originate leaves before its dialing is durable",
       Make<CommitFault<LateCommitter<true>>>},
      {"replies-before-commit", "a reply leaves before its change is durable",
       Make<CommitFault<LateCommitter<false>>>},
      {"forgets-failed-commit", "what a full disk did not take is taken for durable",
       Make<CommitFault<ForgivingCommitter>>},
      {"no-request-ledger", "a create that is asked again creates again",
       Make<RoundFault<NoLedger>>},
      {"no-import-progress", "an import that is begun again takes its rows again",
       Make<RoundFault<NoImportProgress>>},
      {"finds-no-twins", "a row whose person is in the list makes one more entry",
       Make<RoundFault<NoTwins>>},
      {"drops-event", "some changes make no event", Make<RoundFault<DroppedEvents>>},
      {"doubles-event", "some changes make two events", Make<RoundFault<DoubledEvents>>},
      {"forgets-stop", "what was stopping before a crash runs after it",
       Make<RoundFault<ForgottenStops>>},
      {"forgets-force", "a forced stop before a crash is an ordinary one after it",
       Make<RoundFault<ForgottenForce>>},
      {"forgets-lists", "the numbers of lists begin again after a crash",
       Make<RoundFault<ForgottenLists>>},
      {"forgets-dialings", "dialings in progress are not taken up after a crash",
       Make<RoundFault<ForgottenDialings>>},
      {"forgets-delays", "the retry delays of plans are forgotten in a crash",
       Make<RoundFault<ForgottenDelays>>},
      {"forgives-unknown", "an unknown outcome takes its try back",
       Make<RoundFault<ForgivenTries>>},
      {"spares-late-channels", "the channel of a dialing that was closed goes on",
       Make<RoundFault<NoLateChannels>>},
      {"no-import-event", "an import makes no event", Make<RoundFault<NoImportEvents>>},
      {"short-ledger", "a create that is asked again a minute later creates again",
       Make<RoundFault<ShortLedger>>},
      {"ripens-early", "entries are dialled five minutes before their not_before",
       Make<RoundFault<EarlyRipening>>},
      {"loses-change", "the end of a dialing undoes what a client wrote",
       Make<RoundFault<LostChanges>>},
      {"tells-events-early", "events are told before they are durable",
       Make<CommitFault<HastyCommitter>>},
      {"hangs-up-once", "a hangup that was lost is not asked for again", Make<HangsUpOnce>},
      {"misses-losses", "a lost node is taken for one that is there", Make<MissesLosses>},
      {"misses-restarts", "a node that was started again is taken for one that came back",
       Make<WrongBoots<false>>},
      {"sees-restarts", "a node that came back is taken for one that was started again",
       Make<WrongBoots<true>>},
      {"mixes-answers", "a refusal is given to another dialing", Make<MixesAnswers>},
      {"resends-on-reconnect", "an Originate without an answer is sent again after a reconnect",
       Make<ResendsOnReconnect>},
      {"closes-pending-early", "a dialing without a channel is given up when its node is lost",
       Make<ClosesPendingEarly>},
      {"dials-twice", "some Originates are sent twice, under two ids", Make<SendsTwice>},
      {"drops-hangups", "nothing is ever hung up", Make<DropsHangups>},
      {"ignores-call-caps", "five calls more than the caps allow", Make<IgnoresCallCaps>},
      {"ignores-pace", "calls begin three times as fast as the caps allow", Make<IgnoresPace>},
  };
  return kAll;
}

const PlantedFaultKind* FindPlantedFault(absl::string_view name) {
  for (const PlantedFaultKind& kind : PlantedFaults()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

}  // namespace outdial::simulation
