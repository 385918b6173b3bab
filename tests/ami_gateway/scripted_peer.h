// The other end of a gateway's connection, played by a test step by step.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// A key and a certificate for 127.0.0.1, signed by itself, good for the present day.
class SelfSignedCertificate {
 public:
  SelfSignedCertificate();
  // For a server's side.
  SSL_CTX* context() const { return context_.get(); }
  // The certificate as a PEM file, to be trusted.
  const std::string& file() const { return file_; }
  // Its key as a PEM file.
  const std::string& key_file() const { return key_file_; }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::string file_;
  std::string key_file_;
};

// One accepted connection. Every wait ends after ten seconds, and fails the test.
class PeerConnection {
 public:
  // Takes `fd` over. With `tls` it shakes hands, whatever comes of it.
  explicit PeerConnection(int fd, SSL_CTX* tls = nullptr);
  PeerConnection(PeerConnection&&) = default;
  ~PeerConnection();

  void Write(absl::string_view bytes);
  // The next action; it must be a `name`.
  AmiMessage Read(absl::string_view name);
  // Reads an action and answers it: `headers` with their line ends, the ActionID is added.
  void Answer(absl::string_view name, absl::string_view headers = "Response: Success\r\n");
  void AnswerList(absl::string_view name, const std::vector<std::string>& items = {});
  // Plays Asterisk from the banner to the end of the login.
  void LogIn();
  // And on until the gateway knows its state: one queue, and these channels.
  void GetReady(const std::vector<std::string>& channels = {});

  // What the gateway sent and nobody has read, up to the end of its stream.
  std::vector<AmiMessage> Drain();
  // Says goodbye in an orderly way; what was not read stays readable.
  void Close();
  // Waits until the gateway has closed.
  void WaitForEnd();

 private:
  // False: the stream has ended.
  bool ReadSome();
  void WaitReadable();

  struct CloseFd {
    void operator()(const int* fd) const;
  };
  std::unique_ptr<int, CloseFd> fd_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  AmiFrameParser parser_{AmiFrameParser::Side::kFromClient};
  std::deque<AmiMessage> received_;
};

// Listens on a free port of 127.0.0.1.
class ScriptedPeer {
 public:
  ScriptedPeer();
  ~ScriptedPeer();
  uint16_t port() const { return port_; }
  PeerConnection Accept(SSL_CTX* tls = nullptr);

 private:
  int fd_;
  uint16_t port_ = 0;
};

}  // namespace outdial::ami
