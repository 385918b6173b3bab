#include "ami_gateway/sim_population.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/sim_random.h"

namespace outdial::ami {
namespace {

using Kind = CallFate::Kind;

// Of the lab's callees.
constexpr absl::Duration kLabRingTime = absl::Milliseconds(500);
constexpr absl::Duration kLabTalkTime = absl::Seconds(2);

CallFate Refusal(int sip_code, absl::Duration after, bool rings) {
  return {.kind = Kind::kRefuses, .sip_code = sip_code, .rings = rings, .decides_after = after};
}

CallFate Answer(absl::Duration after) { return {.kind = Kind::kAnswers, .decides_after = after}; }

// The three digits that select a behaviour, as the lab's SIP callees read them.
std::optional<CallFate> FateByPrefix(absl::string_view number) {
  int prefix = 0;
  if (number.size() < 3 || !absl::SimpleAtoi(number.substr(0, 3), &prefix)) return std::nullopt;
  CallFate fate;
  switch (prefix) {
    case 100:
      fate = Answer(kLabRingTime);
      fate.stays_for = kLabTalkTime;
      return fate;
    case 200:
      return Answer(kLabRingTime);
    case 183:
      fate = Answer(kLabRingTime);
      fate.early_media = true;
      return fate;
    case 180:
      return CallFate{.kind = Kind::kRingsForever};
    case 999:
      return CallFate{.kind = Kind::kSilent, .rings = false};
    case 111:
    case 222:
      fate = Answer(kLabRingTime);
      fate.stays_for = absl::Seconds(15);
      fate.listener = prefix == 111 ? CallFate::Listener::kHuman : CallFate::Listener::kMachine;
      return fate;
    case 403:
    case 404:
    case 408:
    case 480:
    case 484:
    case 486:
    case 488:
    case 500:
    case 503:
    case 603:
      return Refusal(prefix, absl::Milliseconds(300), /*rings=*/false);
    default:
      return std::nullopt;
  }
}

std::optional<AgentFate> AgentByPrefix(absl::string_view interface) {
  const size_t slash = interface.find('/');
  if (slash == absl::string_view::npos) return std::nullopt;
  const absl::string_view extension = interface.substr(slash + 1);
  if (absl::StartsWith(extension, "agent")) {
    return AgentFate{.answers_after = kLabRingTime, .talks_for = kLabTalkTime};
  }
  if (absl::StartsWith(extension, "90")) return AgentFate{};
  if (absl::StartsWith(extension, "91")) {
    return AgentFate{.answers_after = absl::Seconds(1), .talks_for = absl::Seconds(4)};
  }
  if (absl::StartsWith(extension, "92")) return AgentFate{.answers = false};
  return std::nullopt;
}

}  // namespace

absl::Status SimPopulationOptions::Check() const {
  const SimShares& s = shares;
  const std::array<std::pair<const char*, double>, 7> weights = {{{"answer", s.answer},
                                                                  {"machine", s.machine},
                                                                  {"no_answer", s.no_answer},
                                                                  {"busy", s.busy},
                                                                  {"reject", s.reject},
                                                                  {"invalid", s.invalid},
                                                                  {"congestion", s.congestion}}};
  double sum = 0;
  for (const auto& [name, weight] : weights) {
    if (!(weight >= 0))
      return absl::InvalidArgumentError(absl::StrCat(name, ": must be 0 or more"));
    sum += weight;
  }
  if (!(sum > 0)) return absl::InvalidArgumentError("shares: at least one must be above 0");
  if (!(agent_ignores_ringing >= 0 && agent_ignores_ringing <= 1)) {
    return absl::InvalidArgumentError("agent_ignores_ringing: must be 0 to 1");
  }
  for (const absl::Duration mean : {ring_time, talk_time, patience, agent_answer_delay}) {
    if (mean < absl::ZeroDuration()) {
      return absl::InvalidArgumentError("times: must not be negative");
    }
  }
  return absl::OkStatus();
}

CallFate SimPopulation::FateOfCall(SimEndpointKind endpoint, absl::string_view number,
                                   uint64_t count) const {
  switch (endpoint) {
    case SimEndpointKind::kFast: {
      CallFate fate = Answer(absl::Milliseconds(100));
      fate.stays_for = absl::Seconds(1);
      return fate;
    }
    case SimEndpointKind::kSilent:
    case SimEndpointKind::kNoContact:
      return {.kind = Kind::kSilent, .rings = false};
    case SimEndpointKind::kPeople:
      break;
  }
  if (options_.prefix_decides) {
    if (const std::optional<CallFate> fate = FateByPrefix(number)) return *fate;
  }
  return DrawFate(number, count);
}

CallFate SimPopulation::DrawFate(absl::string_view number, uint64_t count) const {
  SimRandom random = SimRandom::For(options_.seed, number, count);
  const SimShares& s = options_.shares;
  double left = random.Unit() *
                (s.answer + s.machine + s.no_answer + s.busy + s.reject + s.invalid + s.congestion);
  const auto chosen = [&left](double share) {
    left -= share;
    return left < 0;
  };
  const absl::Duration network_delay = absl::Milliseconds(100 + random.Below(400));
  const absl::Duration ring_time = network_delay + random.Around(options_.ring_time);
  if (chosen(s.busy)) return Refusal(486, network_delay, /*rings=*/false);
  if (chosen(s.invalid)) return Refusal(404, network_delay, /*rings=*/false);
  if (chosen(s.congestion)) return Refusal(503, network_delay, /*rings=*/false);
  if (chosen(s.reject)) return Refusal(603, ring_time, /*rings=*/true);
  if (chosen(s.no_answer)) return {.kind = Kind::kRingsForever};
  CallFate fate = Answer(ring_time);
  if (chosen(s.machine)) {
    fate.listener = CallFate::Listener::kMachine;
    fate.stays_for = absl::Seconds(20 + random.Below(20));  // until its tape is full
    return fate;
  }
  // At least a second each: nobody hangs up faster than that.
  fate.patience = absl::Seconds(1) + random.Around(options_.patience);
  fate.talks_for = absl::Seconds(1) + random.Around(options_.talk_time);
  fate.agent_ends = random.Chance(0.5);
  return fate;
}

AgentFate SimPopulation::FateOfAgent(absl::string_view interface, uint64_t count) const {
  if (options_.prefix_decides) {
    if (const std::optional<AgentFate> fate = AgentByPrefix(interface)) return *fate;
  }
  SimRandom random = SimRandom::For(options_.seed, interface, count);
  AgentFate fate;
  fate.answers = !random.Chance(options_.agent_ignores_ringing);
  fate.answers_after = random.Around(options_.agent_answer_delay);
  return fate;
}

}  // namespace outdial::ami
