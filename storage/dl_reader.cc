#include "storage/dl_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/dl_class.h"
#include "engine/errors.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"
#include "storage/dl_table.h"
#include "storage/key_schema.h"
#include "storage/record_conversion.h"
#include "storage/record_table.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

using engine::ClassNumber;
using engine::DlUuid;
using engine::kMixedClass;
using engine::ListNumber;

// Where a walk is, by the letter of a position: after a key of that family.
constexpr std::pair<char, Family> kWalkLetters[] = {
    {'s', Family::kDlState}, {'i', Family::kIdle}, {'w', Family::kNotBefore}, {'l', Family::kLive}};
constexpr char kPositionLetter = 'd';

struct Place {
  Family family;
  std::string key;
};

std::string EncodePlace(const Place& place) {
  for (const auto& [letter, family] : kWalkLetters) {
    if (family != place.family) continue;
    return absl::StrCat(std::string(1, kPositionLetter), std::string(1, letter),
                        absl::BytesToHexString(place.key));
  }
  return "";
}

bool IsHex(absl::string_view text) {
  return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

std::optional<Place> ParsePlace(absl::string_view position, ListNumber list) {
  if (position.size() < 2 || position.front() != kPositionLetter) return std::nullopt;
  const char given = position[1];
  position.remove_prefix(2);
  if (!IsHex(position)) return std::nullopt;
  for (const auto& [letter, family] : kWalkLetters) {
    if (letter != given) continue;
    std::string key = absl::HexStringToBytes(position);
    if (!absl::StartsWith(key, ListKey(list))) return std::nullopt;
    return Place{family, std::move(key)};
  }
  return std::nullopt;
}

absl::Status TooBroad(absl::string_view why) {
  return engine::FailedPrecondition(engine::Reason::kTooBroad, why);
}

// One page of one walk.
class DlWalk {
 public:
  DlWalk(const KvReader& reader, ListNumber list, const DlQuery& query)
      : reader_(reader), list_(list), query_(query) {}

  absl::StatusOr<DlPage> Run() {
    std::optional<Place> after;
    if (!query_.after_position.empty()) {
      after = ParsePlace(query_.after_position, list_);
      if (!after.has_value()) return BadPosition();
    }
    if (query_.status == v1::DL_STATUS_DIALING) return WalkLive(after);
    if (query_.finished.has_value() || !query_.outcomes.empty()) return WalkClasses(after);
    return WalkStates(after);
  }

 private:
  static absl::Status BadPosition() {
    return engine::InvalidField("after_position",
                                "must be a position that came with an answer to the same request");
  }

  absl::StatusOr<DlPage> WalkStates(const std::optional<Place>& after);
  absl::Status ReadStates(KeyRange range, std::vector<std::pair<std::string, DlState>>* states);
  absl::StatusOr<DlPage> WalkLive(const std::optional<Place>& after);
  absl::StatusOr<DlPage> WalkClasses(const std::optional<Place>& after);
  // OK: an index serves the filters by class.
  absl::Status CheckServed() const;
  // The classes that the filters let through, with the place where their idle entries begin.
  absl::StatusOr<std::map<ClassNumber, std::string>> WantedClasses() const;
  bool Wants(const engine::DlClass& dl_class, const v1::Plan* plan) const;
  absl::Status WalkIdle(const std::map<ClassNumber, std::string>& classes,
                        const std::optional<Place>& after);
  absl::Status WalkWaiting(const std::map<ClassNumber, std::string>& classes,
                           const std::optional<Place>& after);
  // Calls with the rows of the range, and then, outside of the scan, reads the entries that `pick`
  // gave for them.
  absl::Status AddEntries(Family family, const KeyRange& range, size_t limit,
                          absl::FunctionRef<absl::StatusOr<std::optional<DlUuid>>(
                              absl::string_view key, absl::string_view value)>
                              pick);

  bool IsFull() const {
    return page_.dls.size() >= query_.limit || bytes_ >= query_.max_bytes ||
           looked_at_ >= kMaxDlsScanned;
  }
  void Add(v1::Dl dl) {
    bytes_ += dl.ByteSizeLong();
    page_.dls.push_back(std::move(dl));
  }
  void Pass(Family family, std::string key) {
    ++looked_at_;
    place_ = {family, std::move(key)};
  }
  DlPage Finish() {
    page_.at_end = !IsFull();
    page_.position = place_.key.empty() ? query_.after_position : EncodePlace(place_);
    return std::move(page_);
  }

  const KvReader& reader_;
  const ListNumber list_;
  const DlQuery& query_;
  DlPage page_;
  Place place_{Family::kDlState, ""};  // of the last row that was looked at
  size_t bytes_ = 0;
  size_t looked_at_ = 0;
};

absl::Status DlWalk::ReadStates(KeyRange range,
                                std::vector<std::pair<std::string, DlState>>* states) {
  absl::Status status;
  const size_t limit = std::min(query_.limit - page_.dls.size(), kMaxDlsScanned - looked_at_);
  const absl::Status scanned = reader_.Scan(
      Family::kDlState, range, limit, [&](absl::string_view key, absl::string_view value) {
        states->emplace_back(std::string(key), DlState());
        status = ParseRow(Family::kDlState, key, value, &states->back().second);
        return status.ok();
      });
  return scanned.ok() ? status : scanned;
}

// By uuid: states and static parts lie in two families in the same order.
absl::StatusOr<DlPage> DlWalk::WalkStates(const std::optional<Place>& after) {
  KeyRange range = PrefixRange(ListKey(list_));
  if (!query_.after_uuid.is_nil()) range.first = KeyAfter(DlKey(query_.after_uuid));
  if (after.has_value()) {
    if (after->family != Family::kDlState) return BadPosition();
    range.first = KeyAfter(after->key);
  }
  while (!IsFull()) {
    std::vector<std::pair<std::string, DlState>> states;
    if (absl::Status read = ReadStates(range, &states); !read.ok()) return read;
    if (states.empty()) break;
    auto state = states.begin();
    absl::Status status;
    const absl::Status scanned =
        reader_.Scan(Family::kDlStatic, range, states.size(),
                     [&](absl::string_view key, absl::string_view value) {
                       const auto uuid = ParseListedUuidKey(key);
                       DlStatic dl_static;
                       status = key == state->first && uuid.has_value()
                                    ? ParseRow(Family::kDlStatic, key, value, &dl_static)
                                    : DamagedRow(Family::kDlStatic, key, "has no state");
                       if (!status.ok()) return false;
                       Pass(Family::kDlState, state->first);
                       const bool shown =
                           !state->second.has_tm_delete_ns() &&
                           (!query_.status.has_value() || state->second.status() == *query_.status);
                       if (shown) {
                         Add(ToDl(DlUuid(*uuid), std::move(dl_static), std::move(state->second)));
                       }
                       ++state;
                       return !IsFull();
                     });
    if (!scanned.ok()) return scanned;
    if (!status.ok()) return status;
    if (state != states.end() && !IsFull()) {
      return DamagedRow(Family::kDlStatic, state->first, "is missing");
    }
    range.first = KeyAfter(place_.key);
  }
  return Finish();
}

absl::Status DlWalk::AddEntries(Family family, const KeyRange& range, size_t limit,
                                absl::FunctionRef<absl::StatusOr<std::optional<DlUuid>>(
                                    absl::string_view key, absl::string_view value)>
                                    pick) {
  std::vector<std::pair<std::string, std::optional<DlUuid>>> rows;
  absl::Status status;
  const absl::Status scanned =
      reader_.Scan(family, range, limit, [&](absl::string_view key, absl::string_view value) {
        absl::StatusOr<std::optional<DlUuid>> picked = pick(key, value);
        status = picked.status();
        if (status.ok()) rows.emplace_back(std::string(key), *picked);
        return status.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  for (auto& [key, uuid] : rows) {
    if (IsFull()) return absl::OkStatus();
    Pass(family, std::move(key));
    if (!uuid.has_value()) continue;
    absl::StatusOr<v1::Dl> dl = ReadDl(reader_, *uuid);
    if (!dl.ok()) return dl.status();
    Add(*std::move(dl));
  }
  return absl::OkStatus();
}

// Entries that are being dialled, by their dialings: few, however long the list is.
absl::StatusOr<DlPage> DlWalk::WalkLive(const std::optional<Place>& after) {
  KeyRange range = PrefixRange(ListKey(list_));
  if (after.has_value()) {
    if (after->family != Family::kLive) return BadPosition();
    range.first = KeyAfter(after->key);
  }
  std::vector<std::string> keys;
  const absl::Status scanned = reader_.Scan(Family::kLive, range, kMaxDlsScanned,
                                            [&](absl::string_view key, absl::string_view) {
                                              keys.emplace_back(key);
                                              return true;
                                            });
  if (!scanned.ok()) return scanned;
  for (std::string& key : keys) {
    if (IsFull()) break;
    const auto dialing = NeedRow<DialingStatic>(reader_, Family::kDialing, key);
    if (!dialing.ok()) return dialing.status();
    Pass(Family::kLive, std::move(key));
    absl::StatusOr<v1::Dl> dl = ReadDl(reader_, DlUuid(UuidFromBytes(dialing->dl_list_uuid())));
    if (!dl.ok()) return dl.status();
    const bool wanted = query_.outcomes.empty() ||
                        std::find(query_.outcomes.begin(), query_.outcomes.end(), dl->outcome()) !=
                            query_.outcomes.end();
    if (wanted) Add(*std::move(dl));
  }
  return Finish();
}

absl::StatusOr<DlPage> DlWalk::WalkClasses(const std::optional<Place>& after) {
  if (!after.has_value()) {
    if (absl::Status served = CheckServed(); !served.ok()) return served;
  }
  const bool in_waiting = after.has_value() && after->family == Family::kNotBefore;
  if (after.has_value() && !in_waiting && after->family != Family::kIdle) return BadPosition();
  const auto classes = WantedClasses();
  if (!classes.ok()) return classes.status();
  absl::Status status;
  if (!in_waiting) status = WalkIdle(*classes, after);
  if (status.ok() && !IsFull()) {
    status = WalkWaiting(*classes, in_waiting ? after : std::optional<Place>());
  }
  if (!status.ok()) return status;
  return Finish();
}

absl::Status DlWalk::CheckServed() const {
  const auto mixed = FindRow<ClassRow>(reader_, Family::kClass, ClassKey(list_, kMixedClass));
  if (!mixed.ok()) return mixed.status();
  if (mixed->has_value() && (*mixed)->idle() > 0) {
    return TooBroad(absl::StrCat((*mixed)->idle(),
                                 " entries of the list stand in no index by outcome, since it has "
                                 "more kinds of entries than are indexed; show the list without "
                                 "outcomes and finished"));
  }
  size_t waiting = 0;
  const absl::Status scanned = reader_.Scan(Family::kNotBefore, PrefixRange(ListKey(list_)),
                                            kMaxWaitingScanned + 1, [&](auto, auto) {
                                              ++waiting;
                                              return true;
                                            });
  if (!scanned.ok()) return scanned;
  if (waiting <= kMaxWaitingScanned) return absl::OkStatus();
  return TooBroad(absl::StrCat("more than ", kMaxWaitingScanned,
                               " entries of the list wait for their not_before, and stand in no "
                               "index by outcome; show the list without outcomes and finished"));
}

bool DlWalk::Wants(const engine::DlClass& dl_class, const v1::Plan* plan) const {
  if (plan != nullptr && engine::IsFinished(dl_class, *plan) != *query_.finished) return false;
  const auto outcome = static_cast<v1::Outcome>(std::max<int>(dl_class.outcome, 0));
  return query_.outcomes.empty() || std::find(query_.outcomes.begin(), query_.outcomes.end(),
                                              outcome) != query_.outcomes.end();
}

absl::StatusOr<std::map<ClassNumber, std::string>> DlWalk::WantedClasses() const {
  std::optional<v1::Plan> plan;
  if (query_.finished.has_value()) {
    absl::StatusOr<v1::Plan> found = ReadRecord<v1::Plan>(reader_, query_.plan);
    if (!found.ok()) return found.status();
    plan = *std::move(found);
  }
  std::map<ClassNumber, std::string> classes;
  absl::Status status;
  const absl::Status scanned = reader_.Scan(
      Family::kClass, PrefixRange(ListKey(list_)), kNoLimit,
      [&](absl::string_view key, absl::string_view value) {
        const auto parsed = ParseClassKey(key);
        ClassRow row;
        status = parsed.has_value() ? ParseRow(Family::kClass, key, value, &row)
                                    : DamagedRow(Family::kClass, key, "can't be read");
        if (!status.ok()) return false;
        if (row.idle() == 0 || parsed->class_number == kMixedClass) return true;
        if (!Wants(engine::DlClass::Decode(row.dl_class()), plan ? &*plan : nullptr)) return true;
        const engine::IdleKey bound{row.bound_hangup_us(), DlUuid(UuidFromBytes(row.bound_uuid()))};
        classes.emplace(parsed->class_number, IdleIndexKey(list_, parsed->class_number, bound));
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (!status.ok()) return status;
  return classes;
}

absl::Status DlWalk::WalkIdle(const std::map<ClassNumber, std::string>& classes,
                              const std::optional<Place>& after) {
  for (const auto& [number, bound] : classes) {
    KeyRange range = PrefixRange(ClassPrefix(list_, number));
    range.first = bound;
    if (after.has_value()) range.first = std::max(bound, KeyAfter(after->key));
    // Passed already.
    if (range.first >= range.end) continue;
    absl::Status status = AddEntries(
        Family::kIdle, range, query_.limit - page_.dls.size(),
        [](absl::string_view key, absl::string_view) -> absl::StatusOr<std::optional<DlUuid>> {
          const auto parsed = ParseIdleIndexKey(key);
          if (!parsed.has_value()) return DamagedRow(Family::kIdle, key, "can't be read");
          return std::optional<DlUuid>(parsed->key.uuid);
        });
    if (!status.ok() || IsFull()) return status;
  }
  return absl::OkStatus();
}

absl::Status DlWalk::WalkWaiting(const std::map<ClassNumber, std::string>& classes,
                                 const std::optional<Place>& after) {
  KeyRange range = PrefixRange(ListKey(list_));
  if (after.has_value()) range.first = KeyAfter(after->key);
  return AddEntries(
      Family::kNotBefore, range, kMaxDlsScanned - looked_at_,
      [&](absl::string_view key, absl::string_view value) -> absl::StatusOr<std::optional<DlUuid>> {
        const auto parsed = ParseNotBeforeKey(key);
        const auto ripe = ParseRipePlace(value);
        if (!parsed.has_value() || !ripe.has_value()) {
          return DamagedRow(Family::kNotBefore, key, "can't be read");
        }
        if (classes.count(ripe->class_number) == 0) return std::optional<DlUuid>();
        return std::optional<DlUuid>(parsed->dl);
      });
}

}  // namespace

absl::StatusOr<v1::Dl> ReadShownDl(const KvReader& reader, const DlUuid& uuid) {
  absl::StatusOr<v1::Dl> dl = ReadDl(reader, uuid);
  if (!dl.ok()) return dl;
  const auto dlma = engine::DlmaUuid::Parse(dl->dlma_uuid());
  const absl::Status list =
      dlma.has_value() ? ReadRecord<v1::Dlma>(reader, *dlma).status() : absl::OkStatus();
  if (dl->has_tm_delete() || absl::IsNotFound(list)) {
    return engine::NoSuch("dl_list", uuid.ToString());
  }
  if (!list.ok()) return list;
  return dl;
}

absl::StatusOr<DlPage> ReadDls(const KvReader& reader, const DlQuery& query) {
  const absl::StatusOr<v1::Dlma> record = ReadRecord<v1::Dlma>(reader, query.dlma);
  if (!record.ok()) return record.status();
  const absl::StatusOr<std::optional<ListNumber>> list = ReadListNumber(reader, query.dlma);
  if (!list.ok()) return list.status();
  if (!list->has_value()) return absl::DataLossError("a dlma has no list number");
  return DlWalk(reader, **list, query).Run();
}

}  // namespace outdial::storage
