// A record as AMI shows it, written out by hand: what the listener's own table is compared with.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::server {

// In their order; no value: the field is absent.
using RecordHeaders = std::vector<std::pair<std::string, std::optional<std::string>>>;

RecordHeaders HeadersOf(const v1::Campaign& record);
RecordHeaders HeadersOf(const v1::Plan& record);
RecordHeaders HeadersOf(const v1::Dlma& record);
RecordHeaders HeadersOf(const v1::Destination& record);
RecordHeaders HeadersOf(const v1::Dl& record);
RecordHeaders HeadersOf(const v1::Dialing& record);

}  // namespace outdial::server
