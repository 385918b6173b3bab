// OUTDIAL_CHECK: ends the process when an impossible state was reached. Stays on in release
// builds: going on from a broken invariant could dial somebody twice. Bad input is never a reason
// for it; that is a Status.
#pragma once

#include <cstdio>
#include <cstdlib>

#define OUTDIAL_CHECK(condition, why)                                                              \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      std::fprintf(stderr, "%s:%d: impossible: %s (%s)\n", __FILE__, __LINE__, #condition, (why)); \
      std::abort();                                                                                \
    }                                                                                              \
  } while (false)
