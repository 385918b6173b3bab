// What the simulated Asterisk is: users, endpoints, queues, parking lot, dialplan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/sim_population.h"

namespace outdial::ami {

// A stanza of manager.conf.
struct SimUser {
  std::string name;
  std::string secret;
  AmiClasses read = kAmiAllClasses;
  AmiClasses write = kAmiAllClasses;
  // No fault ever hits the events and connections of this user: a test's own eyes.
  bool spared = false;
};

struct SimEndpoint {
  std::string name;  // as in PJSIP/<number>@<name>
  SimEndpointKind kind = SimEndpointKind::kPeople;
};

struct SimMemberConfig {
  // `PJSIP/agent01` or `Local/911@agents`: the latter makes two channels per call.
  std::string interface;
  std::string name;
  // Its own wrap-up, whole seconds; zero: that of the queue. Only this one is told by AMI.
  absl::Duration wrapup = absl::ZeroDuration();
};

struct SimQueueConfig {
  std::string name;
  absl::Duration ring_timeout = absl::Seconds(10);  // then the next member is tried
  absl::Duration retry = absl::Seconds(1);          // after an unanswered ring
  absl::Duration wrapup = absl::ZeroDuration();     // of members without their own; whole s
  std::vector<SimMemberConfig> members = {};        // called in turn
};

struct SimParkingLot {
  std::string name = "default";
  int first_space = 701;
  int last_space = 750;  // inclusive
  absl::Duration timeout = absl::Seconds(45);
};

// One priority of an extension.
struct SimStep {
  std::string application;
  std::string data;  // ${NAME} is replaced by the channel's variable
  // When both are set: the step is left out if that variable has that value.
  std::string unless_variable = {};
  std::string unless_value = {};
};

struct SimExtension {
  std::string context;
  std::string exten;
  std::vector<SimStep> steps;  // priorities from 1
};

struct SimAsteriskConfig {
  // Decides the order of events where Asterisk has none, and which event a fault hits. The people
  // have a seed of their own.
  uint64_t seed = 1;
  std::string version = "22.10.1-simulated";
  // As in manager.conf: events tell when they happened.
  bool timestampevents = false;
  std::vector<SimUser> users;
  std::vector<SimEndpoint> endpoints;
  // Every name that is no endpoint above is one with people behind it.
  bool any_endpoint = false;
  std::vector<SimQueueConfig> queues;
  SimParkingLot parking;
  std::vector<SimExtension> extensions;
  SimPopulationOptions population;
  absl::Duration auth_timeout = absl::Seconds(30);  // without a login by then: closed
  size_t max_unauthenticated = 50;
};

// The same users, endpoints, queues, agents and extensions as the lab's real Asterisk, with
// numbers that select the callee's behaviour.
SimAsteriskConfig LabSimConfig();

// `agents` agents PJSIP/agent001, ... in `queue`, the extensions of the lab, one user with all
// rights, trunk `trunk` and any other.
SimAsteriskConfig CallCenterSimConfig(const std::string& user, const std::string& secret,
                                      const std::string& queue, int agents, absl::Duration wrapup);

}  // namespace outdial::ami
