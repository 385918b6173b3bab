#include "storage/family.h"

#include <array>

namespace outdial::storage {
namespace {

constexpr std::array<absl::string_view, kFamilyCount> kNames = {"meta",
                                                                "record",
                                                                "revision",
                                                                "list",
                                                                "list_of_dlma",
                                                                "dl_static",
                                                                "dl_state",
                                                                "dl_history",
                                                                "number",
                                                                "ukey",
                                                                "idle",
                                                                "not_before",
                                                                "class",
                                                                "dialing",
                                                                "live",
                                                                "result",
                                                                "result_of_dialing",
                                                                "result_index",
                                                                "event",
                                                                "campaign_count",
                                                                "tally",
                                                                "request",
                                                                "request_expiry",
                                                                "reclaim"};

}  // namespace

absl::string_view FamilyName(Family family) { return kNames[static_cast<size_t>(family)]; }

}  // namespace outdial::storage
