// Ids of records, as types: a plan's uuid can't be handed over where a campaign's is wanted.
//
// All are UUIDv7 (RFC 9562) made by UuidGenerator. The random part of an entry's and of a
// dialing's uuid holds the number of their dial list, so that the uuid alone tells which list,
// and later which partition, a record belongs to.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::engine {

// Number of a dial list within one store, from 1; 0 in the uuid of a record that belongs to none.
using ListNumber = uint32_t;

// 16 bytes in network order. Ordered bytewise, which for UUIDv7 is the order of making.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  // Canonical text, 36 characters, lower case.
  std::string ToString() const;
  // The list number that UuidGenerator wrote into it.
  ListNumber list_number() const;
  // When it was made, in milliseconds since 1970.
  int64_t made_ms() const;
  bool is_nil() const { return *this == Uuid{}; }

  // Accepts the 8-4-4-4-12 form in either case; nothing else.
  static std::optional<Uuid> Parse(absl::string_view text);

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// A Uuid that names one kind of record.
template <class Kind>
struct TypedUuid : Uuid {
  TypedUuid() = default;
  explicit TypedUuid(const Uuid& uuid) : Uuid(uuid) {}
  static std::optional<TypedUuid> Parse(absl::string_view text) {
    const std::optional<Uuid> uuid = Uuid::Parse(text);
    if (!uuid.has_value()) return std::nullopt;
    return TypedUuid(*uuid);
  }
  friend auto operator<=>(const TypedUuid&, const TypedUuid&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const TypedUuid& id) {
    return H::combine(std::move(h), id.bytes);
  }
};

using CampaignUuid = TypedUuid<struct CampaignKind>;
using PlanUuid = TypedUuid<struct PlanKind>;
using DlmaUuid = TypedUuid<struct DlmaKind>;
using DlUuid = TypedUuid<struct DlKind>;
using DestinationUuid = TypedUuid<struct DestinationKind>;
using DialingUuid = TypedUuid<struct DialingKind>;

}  // namespace outdial::engine
