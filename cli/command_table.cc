#include "cli/command_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/commands.h"

namespace outdial::cli {
namespace {

void Append(std::vector<Command> more, std::vector<Command>* commands) {
  for (Command& command : more) commands->push_back(std::move(command));
}

}  // namespace

const std::vector<Command>& Commands() {
  static const auto& commands = *[] {
    auto* all = new std::vector<Command>();
    Append(RecordCommands("campaign"), all);
    Append(CampaignCommands(), all);
    for (const char* noun : {"plan", "dlma", "dl"}) Append(RecordCommands(noun), all);
    all->push_back(ImportCommand());
    Append(DlExportCommands(), all);
    Append(RecordCommands("destination"), all);
    Append(ShowCommands(), all);
    Append(EventCommands(), all);
    Append(EventExportCommands(), all);
    all->push_back(BackupCommand());
    all->push_back(TopCommand());
    all->push_back(CompletionCommand());
    return all;
  }();
  return commands;
}

const std::vector<Flag>& GlobalFlags() {
  static const auto& flags = *new std::vector<Flag>{
      {.name = "server",
       .value = "HOST:PORT",
       .help = "Address of outdiald. Default 127.0.0.1:50051."},
      {.name = "output",
       .value = "FORMAT",
       .help = "How results are printed: text for people, json for one document, jsonl for one "
               "object a line. Default text.",
       .choices = {"text", "json", "jsonl"}},
      {.name = "timeout",
       .value = "DURATION",
       .help = "Longest wait for an answer, for example 500ms, 10s or 2m. Long streams (dl show, "
               "dl import, exports, event follow) are not limited. Default 30s."},
      {.name = "tls", .help = "Use TLS and trust the system's certificate authorities."},
      {.name = "tls-ca",
       .value = "FILE",
       .help = "Use TLS and trust the certificate authorities in this PEM file."},
      {.name = "tls-cert", .value = "FILE", .help = "Client certificate, PEM; with --tls-key."},
      {.name = "tls-key", .value = "FILE", .help = "Key of the client certificate, PEM."},
      {.name = "tls-server-name",
       .value = "NAME",
       .help = "Name that the server's certificate must have. Default: the host of --server."},
      {.name = "token-file",
       .value = "FILE",
       .help = "File with the token to log in with. Sent over TLS or to this machine only."},
  };
  return flags;
}

std::string EnvironmentName(const Flag& flag) {
  return absl::StrCat("OUTDIAL_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(flag.name, {{"-", "_"}})));
}

}  // namespace outdial::cli
