// What every record looks like when it is stored: nothing that has a default is absent, and what
// was checked stands in its canonical form. Pure.
#pragma once

#include "engine/engine_config.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

// Gives absent fields their defaults.
void SetDefaults(v1::Campaign* campaign);
void SetDefaults(v1::Plan* plan);
void SetDefaults(v1::Dlma* dlma);
void SetDefaults(v1::Destination* destination);
// An entry always has eight numbers and eight counters.
void SetDefaults(v1::Dl* dl);

// Brings a record that was checked into its canonical form: uuids in lower case, times in UTC, the
// last of variables that share a name. Empty references and times are absent.
void Normalize(const EngineConfig& config, v1::Campaign* campaign);
void Normalize(const EngineConfig& config, v1::Plan* plan);
void Normalize(const EngineConfig& config, v1::Dlma* dlma);
void Normalize(const EngineConfig& config, v1::Destination* destination);
void Normalize(const EngineConfig& config, v1::Dl* dl);

}  // namespace outdial::engine
