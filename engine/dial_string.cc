#include "engine/dial_string.h"

#include <algorithm>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/errors.h"
#include "engine/validation.h"

namespace outdial::engine {
namespace {

constexpr size_t kMaxTechBytes = 80;
constexpr absl::string_view kPjsip = "PJSIP";
constexpr absl::string_view kLocal = "Local";

// Spelled as Asterisk spells them; others are dialled as they were given.
constexpr absl::string_view kKnownTechs[] = {kPjsip, kLocal, "SIP", "IAX2", "DAHDI", "AudioSocket"};

std::string CanonicalTech(absl::string_view tech) {
  const auto* known =
      std::find_if(std::begin(kKnownTechs), std::end(kKnownTechs),
                   [tech](absl::string_view name) { return absl::EqualsIgnoreCase(name, tech); });
  return std::string(known == std::end(kKnownTechs) ? tech : *known);
}

struct Tech {
  std::string name;
  std::string replaced;  // empty: not replaced
};

Tech ResolveTech(absl::string_view tech_name, const EngineConfig& config) {
  const absl::string_view given = absl::StripSuffix(tech_name, "/");
  if (given.empty()) return {.name = CanonicalTech(config.default_tech), .replaced = ""};
  const auto alias = config.tech_alias.find(absl::AsciiStrToLower(given));
  if (alias == config.tech_alias.end()) return {.name = CanonicalTech(given), .replaced = ""};
  return {.name = CanonicalTech(alias->second), .replaced = std::string(given)};
}

absl::Status CheckAddress(const Tech& tech, const v1::Plan& plan) {
  if (tech.name != kPjsip) {
    return InvalidField("plan.tech_name", "must be PJSIP to dial a sip: address");
  }
  if (plan.trunk_name().empty()) {
    return InvalidField("plan.trunk_name",
                        "must name the PJSIP endpoint that sip: addresses go out on");
  }
  return absl::OkStatus();
}

bool IsHostCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
}

// `host`, `host:port`, `[v6]` or `[v6]:port`; absent: none of these.
std::optional<std::string> HostOf(absl::string_view host_and_port) {
  absl::string_view host = host_and_port;
  absl::string_view port;
  if (absl::StartsWith(host_and_port, "[")) {
    const size_t end = host_and_port.find(']');
    if (end == absl::string_view::npos) return std::nullopt;
    host = host_and_port.substr(0, end + 1);
    port = host_and_port.substr(end + 1);
    const absl::string_view inside = host.substr(1, host.size() - 2);
    if (inside.find_first_not_of("0123456789abcdefABCDEF:.") != absl::string_view::npos) {
      return std::nullopt;
    }
  } else {
    const size_t colon = std::min(host_and_port.find(':'), host_and_port.size());
    host = host_and_port.substr(0, colon);
    port = host_and_port.substr(colon);
    if (!std::all_of(host.begin(), host.end(), IsHostCharacter)) return std::nullopt;
  }
  if (!port.empty() && (port.size() < 2 || port.size() > 6 || port[0] != ':' ||
                        port.find_first_not_of("0123456789", 1) != absl::string_view::npos)) {
    return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  return absl::AsciiStrToLower(host);
}

}  // namespace

bool IsSipAddress(absl::string_view number) {
  return absl::StartsWithIgnoreCase(number, "sip:") || absl::StartsWithIgnoreCase(number, "sips:");
}

std::string DialledNumber(absl::string_view number) {
  std::string dialled(number);
  if (IsSipAddress(number)) return dialled;
  std::erase_if(dialled, [](char c) {
    return absl::string_view(" ()-.").find(c) != absl::string_view::npos;
  });
  return dialled;
}

std::optional<std::string> SipHost(absl::string_view address) {
  constexpr absl::string_view kUserCharacters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+*#_.-";
  if (!IsSipAddress(address)) return std::nullopt;
  absl::string_view rest = address.substr(address.find(':') + 1);
  const size_t at = rest.find('@');
  if (at == 0 || at == absl::string_view::npos) return std::nullopt;
  if (rest.substr(0, at).find_first_not_of(kUserCharacters) != absl::string_view::npos) {
    return std::nullopt;
  }
  return HostOf(rest.substr(at + 1));
}

std::optional<std::string> TechNameProblem(absl::string_view tech_name,
                                           const EngineConfig& config) {
  const std::string tech = ResolveTech(tech_name, config).name;
  const bool good = std::all_of(tech.begin(), tech.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
  if (!good || tech.size() > kMaxTechBytes) return "must be a channel technology, such as PJSIP";
  if (tech == kLocal && !config.allow_local_channels) {
    return "must not be Local unless the configuration sets allow_local_channels";
  }
  return std::nullopt;
}

absl::StatusOr<DialString> BuildDialString(absl::string_view number, const v1::Plan& plan,
                                           const EngineConfig& config) {
  if (const auto problem = NumberProblem(number, config))
    return InvalidField("dl.number", *problem);
  if (const auto problem = TechNameProblem(plan.tech_name(), config)) {
    return InvalidField("plan.tech_name", *problem);
  }
  const Tech tech = ResolveTech(plan.tech_name(), config);
  DialString dial{.channel = "",
                  .address = DialledNumber(number),
                  .tech = tech.name,
                  .trunk = plan.trunk_name(),
                  .replaced_tech = tech.replaced};
  if (IsSipAddress(number)) {
    const absl::Status usable = CheckAddress(tech, plan);
    if (!usable.ok()) return usable;
    dial.channel = absl::StrCat(dial.tech, "/", dial.trunk, "/", dial.address);
  } else {
    dial.channel = absl::StrCat(dial.tech, "/", dial.address);
    if (!dial.trunk.empty()) absl::StrAppend(&dial.channel, "@", dial.trunk);
  }
  return dial;
}

}  // namespace outdial::engine
