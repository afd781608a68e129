// batuta completion: words for the shell's completion.
#include <memory>

#include "base/text.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

// A case for each command with its words; the longest command that the line begins with counts.
std::string BashCompletion(const CommandLine& line) {
  std::string text =
      "# Load with: source <(batuta completion bash)\n"
      "_batuta() {\n"
      "  local path=batuta word words i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case \"${COMP_WORDS[i]}\" in -*) ;; *) path+=\" ${COMP_WORDS[i]}\" ;; esac\n"
      "  done\n"
      "  case \"$path\" in\n";
  auto all = line.Words();
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    base::StrAppend(&text, "    \"", entry->first, "\"*) words=\"");
    for (size_t i = 0; i < entry->second.size(); ++i) {
      base::StrAppend(&text, i == 0 ? "" : " ", entry->second[i]);
    }
    text += "\" ;;\n";
  }
  text +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "}\n"
      "complete -o default -F _batuta batuta\n";
  return text;
}

}  // namespace

void AddCompletion(Command& root, const CommandLine& line) {
  Command group = root.Add("completion", "Words for your shell's completion");
  Command bash = group.Add("bash", "For bash");
  bash.Example("source <(batuta completion bash)");
  bash.Run([&line](Session& session) {
    session.output.Text(BashCompletion(line));
    return ExitCode::kOk;
  });
}

}  // namespace batuta::server
