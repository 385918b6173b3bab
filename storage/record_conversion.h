// API messages to stored ones and back: the only place that knows both forms of dl and dialing.
//
// To stored: INTERNAL when a uuid or a time of the record is not in the form that the engine
// writes. Back: always works. Nothing is lost: an empty tm_create or uuid comes back empty, an
// absent field absent.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/uuid.h"
#include "outdial/v1/dialing.pb.h"
#include "outdial/v1/dl.pb.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

std::string UuidBytes(const engine::Uuid& uuid);
// Nil when it is not 16 bytes.
engine::Uuid UuidFromBytes(absl::string_view bytes);

// Makes `*result` the static part of the record, to hold from revision `since_revision` on;
// whatever it held before is gone, its memory is used again.
absl::Status ToDlStatic(const v1::Dl& dl, uint64_t since_revision, DlStatic* result);
// The same of its state.
absl::Status PackState(const v1::Dl& dl, DlState* state);
// Takes both apart.
v1::Dl ToDl(const engine::DlUuid& uuid, DlStatic dl_static, DlState state);
// Whether the static parts are the same, without converting them.
bool SameStatic(const v1::Dl& a, const v1::Dl& b);

// What a dialing is made with, from tm_create to trunk but for revision, tm_update, tm_delete and
// status, is static and never changes; those four and everything from channel_name on is state.
absl::StatusOr<DialingStatic> ToDialingStatic(const v1::Dialing& dialing);
absl::Status PackState(const v1::Dialing& dialing, DialingState* state);
v1::Dialing ToDialing(const engine::DialingUuid& uuid, DialingStatic dialing_static,
                      DialingState state);

}  // namespace outdial::storage
