#include "engine/node_event.h"

#include <type_traits>
#include <utility>

namespace outdial::engine {

namespace {

template <class Fact, class = void>
struct NamesDialing : std::false_type {};
template <class Fact>
struct NamesDialing<Fact, std::void_t<decltype(std::declval<Fact>().dialing)>> : std::true_type {};

}  // namespace

DialingUuid DialingOf(const NodeFact& fact) {
  return std::visit(
      [](const auto& f) {
        if constexpr (NamesDialing<std::decay_t<decltype(f)>>::value) {
          return f.dialing;
        } else {
          return DialingUuid();
        }
      },
      fact);
}

}  // namespace outdial::engine
