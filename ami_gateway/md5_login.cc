#include "ami_gateway/md5_login.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outdial::ami {

absl::StatusOr<std::string> ChallengeKey(absl::string_view challenge, absl::string_view secret) {
  const std::string text = absl::StrCat(challenge, secret);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) != 1) {
    return absl::UnavailableError("this OpenSSL has MD5 switched off: use a plain login over TLS");
  }
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

}  // namespace outdial::ami
