// The listener's side of TLS.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace outdial::ami {

// TLS 1.2 or later, with the certificate chain and the key of these PEM files. INVALID_ARGUMENT: a
// file can't be read, or the key is not that of the certificate.
absl::StatusOr<std::unique_ptr<boost::asio::ssl::context>> MakeServerTls(
    const std::string& cert_file, const std::string& key_file);

}  // namespace outdial::ami
