// What every part of the engine is handed during one step.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/dial_engine.h"
#include "engine/now.h"
#include "engine/ports.h"

namespace outdial::engine {

struct StepContext {
  const Now& now;
  RoundStore& store;
  Output& out;

  void Log(LogLine::Level level, std::string name,
           std::vector<std::pair<std::string, std::string>> fields) {
    out.log.push_back(LogLine{level, std::move(name), std::move(fields)});
  }
};

}  // namespace outdial::engine

// Returns from the calling function when `expression` is not OK.
#define OUTDIAL_RETURN_IF_ERROR(expression)           \
  do {                                                \
    const absl::Status outdial_status = (expression); \
    if (!outdial_status.ok()) return outdial_status;  \
  } while (false)

#define OUTDIAL_CONCAT_INNER(a, b) a##b
#define OUTDIAL_CONCAT(a, b) OUTDIAL_CONCAT_INNER(a, b)

// Declares or assigns `target` from a StatusOr, or returns its status.
#define OUTDIAL_ASSIGN_OR_RETURN(target, expression) \
  OUTDIAL_ASSIGN_OR_RETURN_AS(OUTDIAL_CONCAT(outdial_or_, __LINE__), target, expression)
#define OUTDIAL_ASSIGN_OR_RETURN_AS(temporary, target, expression) \
  auto temporary = (expression);                                   \
  if (!temporary.ok()) return temporary.status();                  \
  target = *std::move(temporary)
