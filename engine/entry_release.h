// What the end of a dialing leaves on its entry. Pure.
#pragma once

#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/dl.pb.h"

namespace outdial::engine {

// The entry, idle again, with the result of `ended`, the final record of its dialing. Its tries
// are left as they are.
v1::Dl Released(v1::Dl entry, const v1::Dialing& ended);

}  // namespace outdial::engine
