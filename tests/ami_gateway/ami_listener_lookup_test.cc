// The listener's end while a name server doesn't answer.
#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/ami_listener_fixture.h"

namespace outdial::ami {
namespace {

constexpr char kSlowHost[] = "slow.example";

std::atomic<int> lookups = 0;
absl::Notification asked;
absl::Notification answered;

// What a name server says that takes long to say it.
int AnswerSlowly() {
  if (lookups++ == 0) asked.Notify();
  answered.WaitForNotification();
  return EAI_AGAIN;
}

}  // namespace
}  // namespace outdial::ami

// Instead of the C library's, which is called for all other names.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (host != nullptr && std::string(host) == outdial::ami::kSlowHost) {
    return outdial::ami::AnswerSlowly();
  }
  static const auto kOriginal =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return kOriginal(host, service, hints, result);
}

namespace outdial::ami {
namespace {

class AmiListenerLookupTest : public AmiListenerFixture {};

TEST_F(AmiListenerLookupTest, EndWaitsForTheLookupThatHasBegunAlone) {
  AddNode("pbx", 5038);
  options_.nodes.front().host = kSlowHost;
  Start();
  std::vector<std::unique_ptr<AmiProbe>> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Connect());
  lines_.Wait("ami_client_connected", clients.size());
  asked.WaitForNotification();
  std::thread end([this] { listener_.reset(); });
  lines_.Wait("ami_client_closed", clients.size());
  answered.Notify();
  end.join();
  EXPECT_EQ(lookups, 1);
}

}  // namespace
}  // namespace outdial::ami
