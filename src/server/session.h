// What all commands share: where the hub is, who asks, and how answers are shown.
//
// Standard output is for data, standard error for everything else.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/exit_code.h"
#include "server/output.h"

namespace batuta::server {

struct Session {
  // As given by options; empty where nothing was given.
  std::string server;
  std::string key;
  std::string data;
  std::string config;
  std::string output_format;
  bool quiet = false;

  Output output;  // by output_format, once the arguments are parsed

  // Prints the error, and the next thing to try where one is known.
  ExitCode Fail(const absl::Status& status) const;
  ExitCode Fail(const absl::Status& status, std::string_view next) const;
  // A line on standard error, unless the user wants quiet.
  void Say(std::string_view line) const;
  // Whether the user agrees; without a terminal nobody is asked and the answer is no.
  bool Confirm(std::string_view question) const;
};

}  // namespace batuta::server
