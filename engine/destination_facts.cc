#include "engine/destination_facts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace outdial::engine {

namespace {

bool RunsApplication(const v1::Destination& destination, absl::string_view name) {
  return destination.type() == v1::DESTINATION_TYPE_APPLICATION &&
         absl::EqualsIgnoreCase(destination.application(), name);
}

std::string FirstArgument(absl::string_view data) {
  return std::string(absl::StripAsciiWhitespace(data.substr(0, data.find(','))));
}

}  // namespace

std::string AgentQueueOf(const v1::Destination& destination) {
  if (destination.has_agent_queue()) return destination.agent_queue();
  return RunsApplication(destination, "Queue") ? FirstArgument(destination.data()) : "";
}

std::string ParkingLotOf(const v1::Destination& destination) {
  if (!RunsApplication(destination, "Park")) return "";
  const std::string lot = FirstArgument(destination.data());
  return lot.empty() ? "default" : lot;
}

}  // namespace outdial::engine
