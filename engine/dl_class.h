// The class of an entry: everything about it that a plan looks at when it decides whether the
// entry may be dialled. A list of millions has dozens to thousands of classes, so that selection
// and statistics work on classes and never on entries.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/uuid.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

inline constexpr int kNumberSlots = 8;

struct DlClass {
  std::array<bool, kNumberSlots> has_number{};
  std::array<uint16_t, kNumberSlots> tries{};
  // v1::Outcome and v1::DialResult of the last dialing; -1: none.
  int16_t outcome = -1;
  int16_t res_dial = -1;

  int total_tries() const;
  // Nine bytes or more, equal exactly when the classes are; how a store keys a class.
  std::string Encode() const;
  static DlClass Decode(absl::string_view bytes);

  friend auto operator<=>(const DlClass&, const DlClass&) = default;
};

// The class that an entry belongs to, whatever its status.
DlClass ClassOf(const v1::Dl& dl);

// True when the plan will never dial an idle entry of this class again: it was answered, or no
// number has tries left.
bool IsFinished(const DlClass& dl_class, const v1::Plan& plan);

// The slot, 0 to 7, of the number to dial next: the first with tries left; -1: none.
int NextNumber(const DlClass& dl_class, const v1::Plan& plan);

// Number of a class within its list. kMixedClass holds the entries of all classes beyond the
// store's limit: they are looked at one by one, slower and still right.
using ClassNumber = uint32_t;
inline constexpr ClassNumber kMixedClass = 0xFFFFFFFF;

}  // namespace outdial::engine
