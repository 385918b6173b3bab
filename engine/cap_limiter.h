// The caps that hold whatever a dial mode would like: of the server, of the node, of the trunk,
// of the campaign and of the destination.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "engine/engine_config.h"
#include "engine/now.h"
#include "engine/rate_window.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign.pb.h"

namespace outdial::engine {

// Which caps a call counts against.
struct CallPlace {
  std::string node;
  std::string trunk;  // empty: none
  CampaignUuid campaign;
  DestinationUuid destination;
};

// The caps that records set, as they are now; absent: none.
struct RecordCaps {
  std::optional<int> campaign_max_calls = std::nullopt;
  std::optional<double> campaign_calls_per_second = std::nullopt;
  std::optional<int> destination_max_calls = std::nullopt;
};

enum class CapKind { kServer, kNode, kTrunk, kCampaign, kDestination };

// Whether one more call may start.
struct CapVerdict {
  bool allowed = false;
  // CALL_CAP or RATE_CAP, and which cap it is in words: "trunk gw1: 30 calls in progress".
  v1::WaitReason reason = v1::WAIT_REASON_NONE;
  std::string detail;
  CapKind kind = CapKind::kServer;
  // When to ask again; absl::InfiniteDuration(): when a call has ended or was sent.
  MonotonicTime retry_at = absl::InfiniteDuration();
};

// Belongs to one thread.
class CapLimiter {
 public:
  explicit CapLimiter(const EngineConfig& config);

  // Whether one more call may start at `now`. Where several caps hold it back, the one that holds
  // it longest is named.
  CapVerdict Check(const CallPlace& place, const RecordCaps& caps, MonotonicTime now) const;

  // Counts a call that is decided on at `now` against all of its caps, or against none when Check
  // does not allow it. Against rates it counts without end until it is sent.
  CapVerdict Acquire(const CallPlace& place, const RecordCaps& caps, MonotonicTime now);

  // So many calls were sent at `now`, in the order of Acquire.
  void Sent(size_t calls, MonotonicTime now);
  // Whether a call was held back since the last time only because another one was not sent yet.
  bool TakeSendingAwaited() { return std::exchange(sending_awaited_, false); }

  // Calls may have started up to `now` that nobody remembers: an earlier run's. Every rate is taken
  // as used up just before, which holds whatever the wall clock did in between.
  void ForgetStarts(MonotonicTime now) { starts_unknown_until_ = now; }

  // Counts a call that is already in progress, even beyond a cap: one that an earlier run began.
  void Adopt(const CallPlace& place);

  // Gives back what Acquire or Adopt of the same place counted.
  void Release(const CallPlace& place);

  // Whether the server's own caps let one more call start, whatever its place.
  CapVerdict CheckServer(MonotonicTime now) const;

  // Calls in progress.
  int ServerCalls() const { return server_calls_; }
  int NodeCalls(absl::string_view node) const;
  int TrunkCalls(absl::string_view trunk) const;
  int CampaignCalls(const CampaignUuid& campaign) const;
  int DestinationCalls(const DestinationUuid& destination) const;

 private:
  // A record by its uuid, the rest by name.
  struct Key {
    CapKind kind;
    std::string name = {};
    Uuid uuid = {};
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Usage {
    int calls = 0;
    RateWindow starts;
  };
  struct Limit {
    Key key;
    std::optional<int> max_calls;
    std::optional<double> calls_per_second;
  };

  Limit ServerLimit() const;
  std::vector<Limit> LimitsOf(const CallPlace& place, const RecordCaps& caps) const;
  MonotonicTime NextStart(const Limit& limit) const;
  CapVerdict CheckOne(const Limit& limit, MonotonicTime now) const;
  static std::string NameOf(const Key& key);
  int Calls(const Key& key) const;
  // Forgets what has neither calls nor recent starts, when there is a lot to remember: campaigns
  // and trunks come and go.
  void DropIdle(MonotonicTime now);

  Cap server_cap_;
  Cap trunk_cap_;
  std::map<std::string, Cap> trunk_caps_;
  std::map<std::string, Cap> node_caps_;
  std::map<Key, Usage> usage_;
  // Of calls that are not sent yet, the oldest first. What they point to is not idle, hence stays.
  std::deque<absl::InlinedVector<RateWindow*, 4>> unsent_;
  mutable bool sending_awaited_ = false;
  int server_calls_ = 0;
  MonotonicTime starts_unknown_until_ = -absl::InfiniteDuration();
  size_t drop_idle_above_usages_ = 1024;
};

}  // namespace outdial::engine
