#include "engine/dl_class.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "engine/check.h"

namespace outdial::engine {
namespace {

// What a plan without a value for a slot allows. Stored plans have all eight.
constexpr uint32_t kDefaultMaxRetry = 5;

bool HasTriesLeft(const DlClass& dl_class, const v1::Plan& plan, int slot) {
  const uint32_t max_retry = slot < plan.max_retry_size() ? plan.max_retry(slot) : kDefaultMaxRetry;
  return dl_class.has_number[slot] && dl_class.tries[slot] < max_retry;
}

// Seven bits a byte, the lowest first; all but the last byte have the top bit set.
void AppendVarint(uint32_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

uint32_t TakeVarint(absl::string_view* bytes) {
  uint32_t value = 0;
  for (int shift = 0; shift < 32; shift += 7) {
    OUTDIAL_CHECK(!bytes->empty(), "an encoded class is whole");
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    value |= static_cast<uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

}  // namespace

int DlClass::total_tries() const {
  int total = 0;
  for (const uint16_t count : tries) total += count;
  return total;
}

std::string DlClass::Encode() const {
  uint32_t mask = 0;
  for (int slot = 0; slot < kNumberSlots; ++slot) {
    if (has_number[slot]) mask |= 1U << slot;
  }
  std::string out(1, static_cast<char>(mask));
  for (const uint16_t count : tries) AppendVarint(count, &out);
  // One more, so that none, -1, is 0.
  AppendVarint(static_cast<uint16_t>(outcome + 1), &out);
  AppendVarint(static_cast<uint16_t>(res_dial + 1), &out);
  return out;
}

DlClass DlClass::Decode(absl::string_view bytes) {
  OUTDIAL_CHECK(!bytes.empty(), "an encoded class is whole");
  DlClass dl_class;
  const auto mask = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  for (int slot = 0; slot < kNumberSlots; ++slot) {
    dl_class.has_number[slot] = (mask >> slot & 1) != 0;
  }
  for (uint16_t& count : dl_class.tries) count = static_cast<uint16_t>(TakeVarint(&bytes));
  dl_class.outcome = static_cast<int16_t>(TakeVarint(&bytes) - 1);
  dl_class.res_dial = static_cast<int16_t>(TakeVarint(&bytes) - 1);
  return dl_class;
}

DlClass ClassOf(const v1::Dl& dl) {
  constexpr uint32_t kMaxTries = std::numeric_limits<uint16_t>::max();
  DlClass dl_class;
  for (int slot = 0; slot < std::min(kNumberSlots, dl.number_size()); ++slot) {
    dl_class.has_number[slot] = !dl.number(slot).empty();
  }
  for (int slot = 0; slot < std::min(kNumberSlots, dl.trycnt_size()); ++slot) {
    dl_class.tries[slot] = static_cast<uint16_t>(std::min(dl.trycnt(slot), kMaxTries));
  }
  if (dl.has_outcome()) dl_class.outcome = static_cast<int16_t>(dl.outcome());
  if (dl.has_res_dial()) dl_class.res_dial = static_cast<int16_t>(dl.res_dial());
  return dl_class;
}

bool IsFinished(const DlClass& dl_class, const v1::Plan& plan) {
  return dl_class.res_dial == v1::DIAL_RESULT_ANSWERED || NextNumber(dl_class, plan) < 0;
}

int NextNumber(const DlClass& dl_class, const v1::Plan& plan) {
  for (int slot = 0; slot < kNumberSlots; ++slot) {
    if (HasTriesLeft(dl_class, plan, slot)) return slot;
  }
  return -1;
}

}  // namespace outdial::engine
