#include "cli/request_id.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outdial::cli {

std::string HashedRequestId(const std::vector<std::string>& salt, std::istream* in) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  for (const std::string& part : salt) {
    // With its length, so that no two lists of parts look the same.
    const std::string framed = absl::StrCat(part.size(), ":", part);
    EVP_DigestUpdate(digest.get(), framed.data(), framed.size());
  }
  std::array<char, 64 * 1024> block;
  while (in->read(block.data(), block.size()), in->gcount() > 0) {
    EVP_DigestUpdate(digest.get(), block.data(), static_cast<size_t>(in->gcount()));
  }
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(hash.data()), &size);
  hash.resize(size);
  return absl::StrCat("import-", absl::BytesToHexString(hash).substr(0, 32));
}

}  // namespace outdial::cli
