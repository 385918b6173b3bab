#include "engine/entry_release.h"

namespace outdial::engine {

v1::Dl Released(v1::Dl entry, const v1::Dialing& ended) {
  entry.set_status(v1::DL_STATUS_IDLE);
  entry.clear_dialing_uuid();
  entry.clear_dialing_camp_uuid();
  entry.clear_dialing_plan_uuid();
  entry.set_outcome(ended.outcome());
  // What this dialing does not tell must not be left over from an earlier one.
  entry.clear_res_dial();
  if (ended.has_res_dial()) entry.set_res_dial(ended.res_dial());
  entry.set_res_dial_detail(ended.res_dial_detail());
  entry.clear_res_hangup();
  entry.clear_res_hangup_detail();
  if (ended.has_res_hangup()) {
    entry.set_res_hangup(ended.res_hangup());
    entry.set_res_hangup_detail(ended.res_hangup_detail());
  }
  entry.set_tm_last_hangup(ended.tm_hangup());
  return entry;
}

}  // namespace outdial::engine
