// What a coroutine threw, for the log.
#pragma once

#include <exception>
#include <string>

namespace outdial::ami {

// `thrown` must not be null.
inline std::string ExceptionText(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace outdial::ami
