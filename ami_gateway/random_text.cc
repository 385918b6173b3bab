#include "ami_gateway/random_text.h"

#include <openssl/rand.h>

#include <cstdint>

#include "engine/check.h"

namespace outdial::ami {

std::string RandomText(absl::string_view alphabet, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    uint32_t random = 0;
    // Fails only where the system has no randomness at all: then there are no secrets either.
    const int done = RAND_bytes(reinterpret_cast<unsigned char*>(&random), sizeof(random));
    OUTDIAL_CHECK(done == 1, "the system gives no random numbers");
    text += alphabet[random % alphabet.size()];
  }
  return text;
}

}  // namespace outdial::ami
