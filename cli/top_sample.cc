#include "cli/top_sample.h"

#include "cli/record_kinds.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/node_service.grpc.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Message;

template <class Record>
CommandStatus FetchAll(const StreamRpc& rpc, Connection* connection, std::vector<Record>* records) {
  return connection->Stream(rpc, Connection::Length::kShort, *rpc.request,
                            [&](const Message& response) {
                              ForEachRecord(response, [&](const Message& record) {
                                records->push_back(static_cast<const Record&>(record));
                              });
                              return true;
                            });
}

CommandStatus FetchNodes(Connection* connection, std::vector<v1::Node>* nodes) {
  static const auto& rpc = *new UnaryRpc(MakeUnaryRpc(&v1::OutNodeService::Stub::OutNodeShow));
  v1::OutNodeShowResponse response;
  CommandStatus status = connection->Call(rpc, v1::OutNodeShowRequest(), &response);
  nodes->assign(response.nodes().begin(), response.nodes().end());
  return status;
}

}  // namespace

CommandStatus FetchTopSample(Connection* connection, TopSample* sample) {
  static const auto& stat_rpc =
      *new StreamRpc(MakeStreamRpc(&v1::OutCampaignService::Stub::OutCampaignStatShow));
  *sample = TopSample();
  CommandStatus status = FetchAll(KindOf("campaign").show, connection, &sample->campaigns);
  if (status.ok()) status = FetchAll(stat_rpc, connection, &sample->stats);
  if (status.ok()) status = FetchAll(KindOf("plan").show, connection, &sample->plans);
  if (status.ok()) status = FetchNodes(connection, &sample->nodes);
  return status;
}

}  // namespace outdial::cli
