#include "tests/ami_gateway/scripted_peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

constexpr int kPatienceMs = 10'000;

std::string Path(absl::string_view name) {
  return absl::StrCat(::testing::TempDir(), "/outdial_", getpid(), "_", name);
}

void AddSubjectAltName(X509* certificate) {
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

SelfSignedCertificate::SelfSignedCertificate()
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      file_(Path("certificate.pem")),
      key_file_(Path("key.pem")) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  AddSubjectAltName(certificate);
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  EXPECT_EQ(SSL_CTX_use_certificate(context_.get(), certificate), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context_.get(), key), 1);
  FILE* file = std::fopen(file_.c_str(), "w");
  EXPECT_NE(file, nullptr) << file_;
  PEM_write_X509(file, certificate);
  std::fclose(file);
  FILE* key_file = std::fopen(key_file_.c_str(), "w");
  EXPECT_NE(key_file, nullptr) << key_file_;
  PEM_write_PrivateKey(key_file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(key_file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

PeerConnection::PeerConnection(int fd, SSL_CTX* tls) : fd_(new int(fd)), ssl_(nullptr, SSL_free) {
  const int on = 1;  // the answers are small, and each is waited for
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  SSL_set_fd(ssl_.get(), fd);
  SSL_accept(ssl_.get());  // a client that trusts nobody ends it
}

PeerConnection::~PeerConnection() = default;

void PeerConnection::CloseFd::operator()(const int* fd) const {
  close(*fd);
  delete fd;
}

void PeerConnection::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : send(*fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ASSERT_GT(size, 0);
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

void PeerConnection::WaitReadable() {
  if (ssl_ && SSL_pending(ssl_.get()) > 0) return;
  pollfd waiting{*fd_, POLLIN, 0};
  ASSERT_EQ(poll(&waiting, 1, kPatienceMs), 1) << "the gateway sends nothing";
}

bool PeerConnection::ReadSome() {
  WaitReadable();
  if (::testing::Test::HasFatalFailure()) return false;
  char buffer[65536];
  const ssize_t size =
      ssl_ ? SSL_read(ssl_.get(), buffer, sizeof(buffer)) : recv(*fd_, buffer, sizeof(buffer), 0);
  if (size <= 0) return false;
  if (ssl_) {
    // One read gives one TLS record. Asterisk gets stuck on what it can't take in one read of its
    // own, unless that ends a line.
    EXPECT_LE(size, 1024);
    EXPECT_EQ(buffer[size - 1], '\n');
  }
  std::vector<AmiFrame> frames;
  parser_.Consume(absl::string_view(buffer, static_cast<size_t>(size)), &frames);
  for (AmiFrame& frame : frames) received_.push_back(std::move(frame.message));
  return true;
}

AmiMessage PeerConnection::Read(absl::string_view name) {
  while (received_.empty()) {
    if (!ReadSome()) {
      ADD_FAILURE() << "the gateway closed instead of sending " << name;
      return {};
    }
  }
  AmiMessage message = std::move(received_.front());
  received_.pop_front();
  EXPECT_EQ(message.Get("Action"), name);
  return message;
}

void PeerConnection::Answer(absl::string_view name, absl::string_view headers) {
  const AmiMessage action = Read(name);
  Write(absl::StrCat(headers, "ActionID: ", action.Get("ActionID"), "\r\n\r\n"));
}

void PeerConnection::AnswerList(absl::string_view name, const std::vector<std::string>& items) {
  const std::string id = absl::StrCat("ActionID: ", Read(name).Get("ActionID"), "\r\n\r\n");
  std::string answer = absl::StrCat("Response: Success\r\nEventList: start\r\n", id);
  for (const std::string& item : items) absl::StrAppend(&answer, item, id);
  absl::StrAppend(&answer, "Event: ", name, "Complete\r\nEventList: Complete\r\n", id);
  Write(answer);
}

void PeerConnection::LogIn() {
  Write("Asterisk Call Manager/11.0.0\r\n");
  Answer("Challenge", "Response: Success\r\nChallenge: 123456789\r\n");
  Answer("Login");
  Write("Event: FullyBooted\r\nUptime: 10\r\nStatus: Fully Booted\r\n\r\n");
}

void PeerConnection::GetReady(const std::vector<std::string>& channels) {
  LogIn();
  Answer("ListCommands",
         "Response: Success\r\nOriginate: x\r\nHangup: x\r\nCoreShowChannels: x\r\n"
         "QueueStatus: x\r\n");
  AnswerList("QueueStatus", {"Event: QueueParams\r\nQueue: sales\r\n"});
  AnswerList("CoreShowChannels", channels);
}

std::vector<AmiMessage> PeerConnection::Drain() {
  while (ReadSome()) {
  }
  return {std::make_move_iterator(received_.begin()), std::make_move_iterator(received_.end())};
}

void PeerConnection::Close() { shutdown(*fd_, SHUT_WR); }

void PeerConnection::WaitForEnd() {
  while (ReadSome()) {
  }
}

ScriptedPeer::ScriptedPeer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd_, generic, size), 0);
  EXPECT_EQ(listen(fd_, 16), 0);
  EXPECT_EQ(getsockname(fd_, generic, &size), 0);
  port_ = ntohs(address.sin_port);
}

ScriptedPeer::~ScriptedPeer() { close(fd_); }

PeerConnection ScriptedPeer::Accept(SSL_CTX* tls) {
  pollfd waiting{fd_, POLLIN, 0};
  EXPECT_EQ(poll(&waiting, 1, kPatienceMs), 1) << "the gateway does not connect";
  return PeerConnection(accept(fd_, nullptr, nullptr), tls);
}

}  // namespace outdial::ami
