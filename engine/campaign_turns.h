// Whose turn it is to dial: which campaign is looked at next, and which ones need no look because
// nothing that they wait for has changed.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/now.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

// Something that calls need and that is used up or missing for now.
struct Obstacle {
  enum class Kind {
    kServer,
    kNode,
    kTrunk,
    kCampaign,
    kDestination,
    kAgents,      // of a queue, on all nodes together
    kNodeAgents,  // of a queue, on some node
    kParking,
    kEntries,  // of a list
    kSending,  // of calls that were decided on: a rate counts them from then on
  };

  Kind kind;
  std::string what = {};     // the node, trunk, queue, lot, or the record's uuid
  std::string variant = {};  // for whom of those that need it; empty: for all

  friend auto operator<=>(const Obstacle&, const Obstacle&) = default;
};

// What a campaign waits for with others: what holds one of a line back holds all of it back. Which
// fields are set depends on what they have in common.
struct WaitLine {
  // Of calls that need the same.
  std::string queue = {};
  v1::DialMode dial_mode = v1::DIAL_MODE_NONE;  // where it counts agents
  double calls_per_agent = 0;
  int more_calls = 0;  // than that
  std::string parking = {};
  std::string trunk = {};
  DestinationUuid destination = {};
  // Of entries of one list under one plan.
  ListNumber list = 0;
  PlanUuid plan = {};
  // It waits alone.
  CampaignUuid campaign = {};

  friend auto operator<=>(const WaitLine&, const WaitLine&) = default;
};

// Why nothing was dialled, and when to look again: once any of the obstacles is gone. Without one
// when the campaign is woken.
struct Wait {
  struct Hindrance {
    Obstacle obstacle;
    // Infinite: until Open. A fact of the obstacle and not of who waits: the one told last holds
    // for all lines that wait for it.
    MonotonicTime until = absl::InfiniteDuration();
  };

  v1::WaitReason reason = v1::WAIT_REASON_NONE;
  std::string detail = {};
  WaitLine line = {};
  std::vector<Hindrance> hindrances = {};
};

// The campaign that was served longest ago is next, so that each gets as many calls as any other
// that could dial all the while, and one that had to wait goes first.
//
// A campaign that can't dial stands in a line with all that wait for the same. One of them looks
// for all: while it finds the line held back, nobody else in it is looked at. An obstacle that is
// gone wakes one line after the other, for as long as none finds it there again. So what it costs
// that something becomes free does not depend on how many campaigns wait for it.
//
// A turn is one call. At more than kFastCalls a second it is up to kFastTurn of them, for all
// alike: calls of one campaign that are decided on at a time share the rows of the store that count
// them, and calls of as many campaigns each need their own. Belongs to one thread.
class CampaignTurns {
 public:
  static constexpr int kFastCalls = 1000;
  static constexpr int kFastTurn = 8;
  // However many calls it had.
  static constexpr absl::Duration kLongestTurn = absl::Milliseconds(100);

  // Has the campaign looked at for itself, in its turn. One that is new was never served.
  void Wake(const CampaignUuid& campaign);
  // Forgets it.
  void Remove(const CampaignUuid& campaign);
  // An obstacle may be gone, for any variant.
  void Open(Obstacle::Kind kind, const std::string& what);
  // Opens the obstacles whose time has come.
  void Advance(MonotonicTime now);

  // Whose turn it is, until Served, Waits or Remove is called for it; absent: nobody's.
  std::optional<CampaignUuid> Next(MonotonicTime now);
  // It dialled, and goes behind all others once its turn is over.
  void Served(const CampaignUuid& campaign, MonotonicTime now);
  // It could not dial, and with it nobody of the line.
  void Waits(const CampaignUuid& campaign, Wait wait);

  // When Advance has something to do.
  MonotonicTime NextOpening() const;

  // Tells the wait of each line that one campaign looked for all of since this was called last, to
  // all of the line, in a fixed order.
  void TellWaits(const std::function<void(const CampaignUuid&, const Wait&)>& tell);
  bool has_untold() const { return !untold_.empty(); }

 private:
  // The lowest is next.
  struct Turn {
    uint64_t served = 0;  // the number of the last turn; 0: none
    CampaignUuid campaign;
    friend auto operator<=>(const Turn&, const Turn&) = default;
  };
  struct Line {
    std::set<Turn> campaigns;
    Wait wait;
    bool asleep = false;
  };
  using Lines = std::map<WaitLine, Line>;
  struct Member {
    uint64_t served = 0;   // of the last turn that is over
    Lines::iterator line;  // end: awake for itself
    // Of the last turn.
    uint64_t number = 0;
    MonotonicTime began = -absl::InfiniteDuration();
    int calls = 0;  // 0: it is over
    int max_calls = 0;
  };
  using Members = std::map<CampaignUuid, Member>;
  struct OpenableState {
    // Lines that sleep because of it, by whose turn in them is next.
    std::map<Turn, Lines::iterator> lines;
    MonotonicTime until = absl::InfiniteDuration();
  };
  using Obstacles = std::map<Obstacle, OpenableState>;

  static Turn TurnOf(const Members::value_type& member);
  void CountCall(MonotonicTime now);
  void BeginTurn(Member& member, MonotonicTime now);
  void EndTurn(Members::value_type& member);
  // Takes the campaign out of what it stands in, which stays as it was for all others.
  void Detach(Members::value_type& member);
  void Leave(Lines::iterator line, const Turn& turn);
  void Join(Lines::iterator line, const Turn& turn);
  // Another one than `before` is next in a line that sleeps.
  void Reorder(Lines::iterator line, const Turn& before);
  void Sleep(Lines::iterator line);
  void WakeLine(Lines::iterator line);
  void SetUntil(Obstacles::iterator obstacle, MonotonicTime until);
  void Drop(Obstacles::iterator obstacle);
  void OpenOne(Obstacles::iterator obstacle);
  // Wakes one more line for each obstacle that is still open.
  void PassOn();

  Members members_;
  Lines lines_;
  Obstacles obstacles_;   // those with lines
  std::set<Turn> awake_;  // campaigns awake for themselves, and the next one of each line awake
  std::set<Obstacle> open_;
  std::set<std::pair<MonotonicTime, Obstacle>> times_;
  std::set<WaitLine> untold_;
  uint64_t turns_ = 0;
  // Of the calls of the second that began then, and whether there were many in the one before.
  MonotonicTime second_began_ = -absl::InfiniteDuration();
  int calls_in_second_ = 0;
  bool is_fast_ = false;
};

}  // namespace outdial::engine
