#include "server/session.h"

#include <unistd.h>

#include <cstdio>

#include "base/text.h"

namespace batuta::server {

ExitCode Session::Fail(const absl::Status& status) const { return Fail(status, ""); }

ExitCode Session::Fail(const absl::Status& status, std::string_view next) const {
  const std::string text(status.message());
  std::fprintf(stderr, "batuta: %s\n", text.c_str());
  if (!next.empty()) std::fprintf(stderr, "%.*s\n", static_cast<int>(next.size()), next.data());
  return ExitCodeFor(status.code());
}

void Session::Say(std::string_view line) const {
  if (quiet) return;
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

bool Session::Confirm(std::string_view question) const {
  if (isatty(STDIN_FILENO) == 0) return false;
  std::fprintf(stderr, "%.*s [y/N] ", static_cast<int>(question.size()), question.data());
  char answer[16] = {};
  if (std::fgets(answer, sizeof(answer), stdin) == nullptr) return false;
  const std::string said = base::LowerAscii(base::TrimAscii(answer));
  return said == "y" || said == "yes" || said == "s" || said == "si" || said == "sí";
}

}  // namespace batuta::server
