#include "ami_gateway/ami_server_tls.h"

#include <openssl/ssl.h>

#include <boost/system/error_code.hpp>

#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

namespace ssl = boost::asio::ssl;

absl::Status BadFile(absl::string_view what, const std::string& file,
                     const boost::system::error_code& error) {
  return absl::InvalidArgumentError(
      absl::StrCat("the TLS ", what, " ", file, " can't be used: ", error.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ssl::context>> MakeServerTls(const std::string& cert_file,
                                                            const std::string& key_file) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->use_certificate_chain_file(cert_file, error);
  if (error) return BadFile("certificate", cert_file, error);
  context->use_private_key_file(key_file, ssl::context::pem, error);
  if (error) return BadFile("key", key_file, error);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // A client could otherwise make the server negotiate without end.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // An idle connection then holds no buffers of OpenSSL's.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace outdial::ami
