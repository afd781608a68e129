// How a command says what it is called, what it takes and what it does.
//
// A wrapper of the command-line parser, which only command.cc sees. Targets that options are
// written to must live until the command has run: commands keep them in what they give to Run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/session.h"

namespace batuta::server {

class Command {
 public:
  using Action = std::function<ExitCode(Session&)>;
  struct Node;  // of the parser

  explicit Command(Node* node) : node_(node) {}

  Command Add(std::string_view name, std::string_view summary);
  // `names` as in "-c,--config". The help is at most 50 characters, so that it stays on its line.
  void Flag(std::string_view names, bool& target, std::string_view help);
  void Option(std::string_view names, std::string& target, std::string_view help);
  void Option(std::string_view names, int64_t& target, std::string_view help);
  void Options(std::string_view names, std::vector<std::string>& target, std::string_view help);
  // What stands without a name, in order. Required unless said otherwise.
  void Argument(std::string_view name, std::string& target, std::string_view help);
  void OptionalArgument(std::string_view name, std::string& target, std::string_view help);
  void Arguments(std::string_view name, std::vector<std::string>& target, std::string_view help);
  // A line of the help's examples.
  void Example(std::string_view line);
  void Run(Action action);

 private:
  Node* node_;
};

// Parses the arguments and runs the command they name. Errors of usage are printed to standard
// error with what was probably meant.
class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command root();
  ExitCode Run(int argc, const char* const* argv);
  // The help of each command in turn, as the tests keep it.
  std::string AllHelp() const;
  // Words for the completion of a shell: "people show" → its options and commands.
  std::vector<std::pair<std::string, std::vector<std::string>>> Words() const;

 private:
  std::unique_ptr<Command::Node> node_;
  Session session_;
};

}  // namespace batuta::server
