#include "storage/record_conversion.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/record_time.h"

namespace outdial::storage {
namespace {

// Copies optional fields that have one type on both sides; `from` may be moved from.
#define OUTDIAL_COPY_OPTIONAL(from, to, field) \
  if ((from).has_##field()) (to).set_##field((from).field())
#define OUTDIAL_MOVE_OPTIONAL(from, to, field) \
  if ((from).has_##field()) (to).set_##field(std::move(*(from).mutable_##field()))

// Turns texts of a record into their stored form and remembers the first that has none.
class Packer {
 public:
  int64_t Time(absl::string_view field, const std::string& text) {
    const std::optional<int64_t> nanos = ParseRecordNanos(text);
    if (!nanos.has_value()) Fail(field);
    return nanos.value_or(0);
  }
  std::string Id(absl::string_view field, const std::string& text) {
    if (text.empty()) return {};
    const std::optional<engine::Uuid> uuid = engine::Uuid::Parse(text);
    if (!uuid.has_value()) Fail(field);
    return uuid.has_value() ? UuidBytes(*uuid) : std::string();
  }
  absl::Status status() const {
    if (bad_field_.empty()) return absl::OkStatus();
    return absl::InternalError(
        absl::StrCat("a record can't be stored: ", bad_field_, " is not in the form of a record"));
  }
  template <class Message>
  absl::StatusOr<Message> Done(Message message) const {
    if (!status().ok()) return status();
    return message;
  }

 private:
  void Fail(absl::string_view field) {
    if (bad_field_.empty()) bad_field_ = field;
  }
  absl::string_view bad_field_;
};

#define OUTDIAL_PACK_TIME(packer, from, to, field) \
  if ((from).has_##field()) (to).set_##field##_ns((packer).Time(#field, (from).field()))
#define OUTDIAL_UNPACK_TIME(from, to, field) \
  if ((from).has_##field##_ns()) (to).set_##field(FormatRecordNanos((from).field##_ns()))

std::string UuidText(absl::string_view bytes) {
  return bytes.empty() ? std::string() : UuidFromBytes(bytes).ToString();
}

bool SameVariables(const v1::Dl& a, const v1::Dl& b) {
  if (a.variables_size() != b.variables_size()) return false;
  for (int i = 0; i < a.variables_size(); ++i) {
    if (a.variables(i).name() != b.variables(i).name()) return false;
    if (a.variables(i).value() != b.variables(i).value()) return false;
  }
  return true;
}

bool SameNumbers(const v1::Dl& a, const v1::Dl& b) {
  if (a.number_size() != b.number_size()) return false;
  for (int i = 0; i < a.number_size(); ++i) {
    if (a.number(i) != b.number(i)) return false;
  }
  return true;
}

}  // namespace

std::string UuidBytes(const engine::Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

engine::Uuid UuidFromBytes(absl::string_view bytes) {
  engine::Uuid uuid;
  if (bytes.size() == uuid.bytes.size()) {
    std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
  }
  return uuid;
}

absl::Status ToDlStatic(const v1::Dl& dl, uint64_t since_revision, DlStatic* result) {
  Packer packer;
  DlStatic& out = *result;
  out.Clear();
  out.set_since_revision(since_revision);
  if (!dl.tm_create().empty()) out.set_tm_create_ns(packer.Time("tm_create", dl.tm_create()));
  out.set_dlma_uuid(packer.Id("dlma_uuid", dl.dlma_uuid()));
  OUTDIAL_COPY_OPTIONAL(dl, out, name);
  OUTDIAL_COPY_OPTIONAL(dl, out, detail);
  OUTDIAL_COPY_OPTIONAL(dl, out, ukey);
  OUTDIAL_COPY_OPTIONAL(dl, out, udata);
  *out.mutable_number() = dl.number();
  OUTDIAL_COPY_OPTIONAL(dl, out, email);
  *out.mutable_variables() = dl.variables();
  OUTDIAL_COPY_OPTIONAL(dl, out, priority);
  OUTDIAL_COPY_OPTIONAL(dl, out, not_before);
  return packer.status();
}

absl::Status PackState(const v1::Dl& dl, DlState* state) {
  Packer packer;
  DlState& out = *state;
  out.Clear();
  out.set_revision(dl.revision());
  OUTDIAL_PACK_TIME(packer, dl, out, tm_update);
  OUTDIAL_PACK_TIME(packer, dl, out, tm_delete);
  out.set_status(dl.status());
  if (dl.has_dialing_uuid()) out.set_dialing_uuid(packer.Id("dialing_uuid", dl.dialing_uuid()));
  if (dl.has_dialing_camp_uuid()) {
    out.set_dialing_camp_uuid(packer.Id("dialing_camp_uuid", dl.dialing_camp_uuid()));
  }
  if (dl.has_dialing_plan_uuid()) {
    out.set_dialing_plan_uuid(packer.Id("dialing_plan_uuid", dl.dialing_plan_uuid()));
  }
  *out.mutable_trycnt() = dl.trycnt();
  OUTDIAL_COPY_OPTIONAL(dl, out, outcome);
  OUTDIAL_COPY_OPTIONAL(dl, out, res_dial);
  OUTDIAL_COPY_OPTIONAL(dl, out, res_dial_detail);
  OUTDIAL_COPY_OPTIONAL(dl, out, res_hangup);
  OUTDIAL_COPY_OPTIONAL(dl, out, res_hangup_detail);
  OUTDIAL_PACK_TIME(packer, dl, out, tm_last_dial);
  OUTDIAL_PACK_TIME(packer, dl, out, tm_last_hangup);
  return packer.status();
}

v1::Dl ToDl(const engine::DlUuid& uuid, DlStatic dl_static, DlState state) {
  v1::Dl dl;
  dl.set_uuid(uuid.ToString());
  dl.set_revision(state.revision());
  OUTDIAL_UNPACK_TIME(dl_static, dl, tm_create);
  OUTDIAL_UNPACK_TIME(state, dl, tm_update);
  OUTDIAL_UNPACK_TIME(state, dl, tm_delete);
  dl.set_dlma_uuid(UuidText(dl_static.dlma_uuid()));
  OUTDIAL_MOVE_OPTIONAL(dl_static, dl, name);
  OUTDIAL_MOVE_OPTIONAL(dl_static, dl, detail);
  OUTDIAL_MOVE_OPTIONAL(dl_static, dl, ukey);
  OUTDIAL_MOVE_OPTIONAL(dl_static, dl, udata);
  *dl.mutable_number() = std::move(*dl_static.mutable_number());
  OUTDIAL_MOVE_OPTIONAL(dl_static, dl, email);
  *dl.mutable_variables() = std::move(*dl_static.mutable_variables());
  OUTDIAL_COPY_OPTIONAL(dl_static, dl, priority);
  OUTDIAL_MOVE_OPTIONAL(dl_static, dl, not_before);
  dl.set_status(state.status());
  if (state.has_dialing_uuid()) dl.set_dialing_uuid(UuidText(state.dialing_uuid()));
  if (state.has_dialing_camp_uuid()) dl.set_dialing_camp_uuid(UuidText(state.dialing_camp_uuid()));
  if (state.has_dialing_plan_uuid()) dl.set_dialing_plan_uuid(UuidText(state.dialing_plan_uuid()));
  *dl.mutable_trycnt() = std::move(*state.mutable_trycnt());
  OUTDIAL_COPY_OPTIONAL(state, dl, outcome);
  OUTDIAL_COPY_OPTIONAL(state, dl, res_dial);
  OUTDIAL_MOVE_OPTIONAL(state, dl, res_dial_detail);
  OUTDIAL_COPY_OPTIONAL(state, dl, res_hangup);
  OUTDIAL_MOVE_OPTIONAL(state, dl, res_hangup_detail);
  OUTDIAL_UNPACK_TIME(state, dl, tm_last_dial);
  OUTDIAL_UNPACK_TIME(state, dl, tm_last_hangup);
  return dl;
}

bool SameStatic(const v1::Dl& a, const v1::Dl& b) {
#define OUTDIAL_SAME(field) (a.has_##field() == b.has_##field() && a.field() == b.field())
  return a.tm_create() == b.tm_create() && a.dlma_uuid() == b.dlma_uuid() && OUTDIAL_SAME(name) &&
         OUTDIAL_SAME(detail) && OUTDIAL_SAME(ukey) && OUTDIAL_SAME(udata) && SameNumbers(a, b) &&
         OUTDIAL_SAME(email) && SameVariables(a, b) && OUTDIAL_SAME(priority) &&
         OUTDIAL_SAME(not_before);
#undef OUTDIAL_SAME
}

absl::StatusOr<DialingStatic> ToDialingStatic(const v1::Dialing& dialing) {
  Packer packer;
  DialingStatic out;
  if (!dialing.tm_create().empty()) {
    out.set_tm_create_ns(packer.Time("tm_create", dialing.tm_create()));
  }
  out.set_camp_uuid(packer.Id("camp_uuid", dialing.camp_uuid()));
  out.set_camp_revision(dialing.camp_revision());
  out.set_plan_uuid(packer.Id("plan_uuid", dialing.plan_uuid()));
  out.set_plan_revision(dialing.plan_revision());
  out.set_dlma_uuid(packer.Id("dlma_uuid", dialing.dlma_uuid()));
  out.set_dlma_revision(dialing.dlma_revision());
  out.set_dest_uuid(packer.Id("dest_uuid", dialing.dest_uuid()));
  out.set_dest_revision(dialing.dest_revision());
  out.set_dl_list_uuid(packer.Id("dl_list_uuid", dialing.dl_list_uuid()));
  out.set_dl_list_revision(dialing.dl_list_revision());
  out.set_dial_index(dialing.dial_index());
  out.set_dial_addr(dialing.dial_addr());
  out.set_dial_channel(dialing.dial_channel());
  out.set_dial_trycnt(dialing.dial_trycnt());
  out.set_dial_timeout(dialing.dial_timeout());
  out.set_dial_type(dialing.dial_type());
  OUTDIAL_COPY_OPTIONAL(dialing, out, dial_exten);
  OUTDIAL_COPY_OPTIONAL(dialing, out, dial_context);
  OUTDIAL_COPY_OPTIONAL(dialing, out, dial_priority);
  OUTDIAL_COPY_OPTIONAL(dialing, out, dial_application);
  OUTDIAL_COPY_OPTIONAL(dialing, out, dial_data);
  *out.mutable_variables() = dialing.variables();
  out.set_node(dialing.node());
  OUTDIAL_COPY_OPTIONAL(dialing, out, trunk);
  return packer.Done(std::move(out));
}

absl::Status PackState(const v1::Dialing& dialing, DialingState* state) {
  Packer packer;
  DialingState& out = *state;
  out.Clear();
  out.set_revision(dialing.revision());
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_update);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_delete);
  out.set_status(dialing.status());
  OUTDIAL_COPY_OPTIONAL(dialing, out, channel_name);
  OUTDIAL_COPY_OPTIONAL(dialing, out, other_channel_id);
  OUTDIAL_COPY_OPTIONAL(dialing, out, outcome);
  OUTDIAL_COPY_OPTIONAL(dialing, out, res_dial);
  OUTDIAL_COPY_OPTIONAL(dialing, out, res_dial_detail);
  OUTDIAL_COPY_OPTIONAL(dialing, out, res_hangup);
  OUTDIAL_COPY_OPTIONAL(dialing, out, res_hangup_detail);
  OUTDIAL_COPY_OPTIONAL(dialing, out, sip_code);
  OUTDIAL_COPY_OPTIONAL(dialing, out, res_amd);
  OUTDIAL_COPY_OPTIONAL(dialing, out, res_amd_detail);
  OUTDIAL_COPY_OPTIONAL(dialing, out, queue);
  OUTDIAL_COPY_OPTIONAL(dialing, out, agent);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_dialing);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_dial_begin);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_answer);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_dial_end);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_agent_connect);
  OUTDIAL_PACK_TIME(packer, dialing, out, tm_hangup);
  return packer.status();
}

namespace {

void MoveStatic(DialingStatic from, v1::Dialing* to) {
  OUTDIAL_UNPACK_TIME(from, *to, tm_create);
  to->set_camp_uuid(UuidText(from.camp_uuid()));
  to->set_camp_revision(from.camp_revision());
  to->set_plan_uuid(UuidText(from.plan_uuid()));
  to->set_plan_revision(from.plan_revision());
  to->set_dlma_uuid(UuidText(from.dlma_uuid()));
  to->set_dlma_revision(from.dlma_revision());
  to->set_dest_uuid(UuidText(from.dest_uuid()));
  to->set_dest_revision(from.dest_revision());
  to->set_dl_list_uuid(UuidText(from.dl_list_uuid()));
  to->set_dl_list_revision(from.dl_list_revision());
  to->set_dial_index(from.dial_index());
  to->set_dial_addr(std::move(*from.mutable_dial_addr()));
  to->set_dial_channel(std::move(*from.mutable_dial_channel()));
  to->set_dial_trycnt(from.dial_trycnt());
  to->set_dial_timeout(from.dial_timeout());
  to->set_dial_type(from.dial_type());
  OUTDIAL_MOVE_OPTIONAL(from, *to, dial_exten);
  OUTDIAL_MOVE_OPTIONAL(from, *to, dial_context);
  OUTDIAL_MOVE_OPTIONAL(from, *to, dial_priority);
  OUTDIAL_MOVE_OPTIONAL(from, *to, dial_application);
  OUTDIAL_MOVE_OPTIONAL(from, *to, dial_data);
  *to->mutable_variables() = std::move(*from.mutable_variables());
  to->set_node(std::move(*from.mutable_node()));
  OUTDIAL_MOVE_OPTIONAL(from, *to, trunk);
}

}  // namespace

v1::Dialing ToDialing(const engine::DialingUuid& uuid, DialingStatic dialing_static,
                      DialingState state) {
  v1::Dialing dialing;
  dialing.set_uuid(uuid.ToString());
  MoveStatic(std::move(dialing_static), &dialing);
  dialing.set_revision(state.revision());
  OUTDIAL_UNPACK_TIME(state, dialing, tm_update);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_delete);
  dialing.set_status(state.status());
  OUTDIAL_MOVE_OPTIONAL(state, dialing, channel_name);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, other_channel_id);
  OUTDIAL_COPY_OPTIONAL(state, dialing, outcome);
  OUTDIAL_COPY_OPTIONAL(state, dialing, res_dial);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, res_dial_detail);
  OUTDIAL_COPY_OPTIONAL(state, dialing, res_hangup);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, res_hangup_detail);
  OUTDIAL_COPY_OPTIONAL(state, dialing, sip_code);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, res_amd);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, res_amd_detail);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, queue);
  OUTDIAL_MOVE_OPTIONAL(state, dialing, agent);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_dialing);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_dial_begin);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_answer);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_dial_end);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_agent_connect);
  OUTDIAL_UNPACK_TIME(state, dialing, tm_hangup);
  return dialing;
}

}  // namespace outdial::storage
