// What `top` shows as data: an interface, as all JSON output.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/top_model.h"

namespace outdial::cli {

// One frame. Names and enum values are those of the API, times too; counts are numbers. What is
// not known is left out.
nlohmann::ordered_json TopJson(const TopView& view, const std::string& server);

}  // namespace outdial::cli
