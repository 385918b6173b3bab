// backup create.
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/record_printer.h"
#include "outdial/v1/admin_service.grpc.pb.h"

namespace outdial::cli {
namespace {

CommandStatus RunBackupCreate(const CommandContext& context) {
  static const auto& rpc = *new UnaryRpc(MakeUnaryRpc(&v1::OutAdminService::Stub::OutBackupCreate));
  v1::OutBackupCreateRequest request;
  if (!context.arguments[0].empty()) request.set_name(context.arguments[0]);
  v1::OutBackupCreateResponse response;
  CommandStatus status = context.connection.Call(rpc, request, &response);
  if (status.ok()) PrintOne(context.format, response.backup(), &context.io.out);
  return status;
}

}  // namespace

Command BackupCommand() {
  return {.noun = "backup",
          .verb = "create",
          .summary =
              "Makes a consistent backup of everything that the server stores, while it "
              "runs, on its own disk.",
          .arguments = {{.name = "NAME",
                         .help = "Its name: letters, digits, '.', '_' and '-'. Absent: the time "
                                 "in UTC."}},
          .notes = {"The backup shares most of its files with the store: copy it to another "
                    "machine. It is put back by outdiald --restore, which checks it first.",
                    "A large store on a slow disk may need a longer --timeout; the server goes on "
                    "with the backup all the same."},
          .run = RunBackupCreate};
}

}  // namespace outdial::cli
