#include "server/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace batuta::server {

struct Command::Node {
  CLI::App* app = nullptr;
  Node* parent = nullptr;
  Session* session = nullptr;
  std::string summary;
  std::vector<std::string> examples;
  Action action;
  std::vector<std::unique_ptr<Node>> children;
  std::unique_ptr<CLI::App> owned;  // of the root
};

namespace {

using Node = Command::Node;
constexpr size_t kLeftColumn = 28;
constexpr char kGlobalGroup[] = "Global options";

// "--limit N" is the names and what stands for the value in help.
std::pair<std::string, std::string> SplitNames(std::string_view names) {
  const size_t space = names.find(' ');
  if (space == std::string_view::npos) return {std::string(names), "TEXT"};
  return {std::string(names.substr(0, space)), std::string(names.substr(space + 1))};
}

std::string PathOf(const Node& node) {
  const std::string own = node.app->get_name();
  return node.parent == nullptr ? own : PathOf(*node.parent) + " " + own;
}

std::string HelpLine(std::string left, const std::string& right) {
  left = "  " + left;
  if (left.size() + 2 > kLeftColumn && !right.empty()) {
    return left + "\n" + std::string(kLeftColumn, ' ') + right + "\n";
  }
  left.resize(std::max(left.size(), kLeftColumn), ' ');
  return left + right + "\n";
}

std::string OptionLine(const CLI::Option& option) {
  std::string left = option.get_positional() ? option.get_name(true) : option.get_name(false, true);
  const size_t comma = left.find(',');
  if (!option.get_positional() && comma != std::string::npos) left.insert(comma + 1, " ");
  if (!option.get_positional() && option.get_type_size() != 0) left += " " + option.get_type_name();
  return HelpLine(left, option.get_description());
}

std::string OptionLines(const Node& node, const std::string& title,
                        const std::function<bool(const CLI::Option&)>& wanted) {
  std::string lines;
  for (const CLI::Option* option : static_cast<const CLI::App&>(*node.app).get_options()) {
    if (wanted(*option)) lines += OptionLine(*option);
  }
  return lines.empty() ? "" : "\n" + title + ":\n" + lines;
}

bool IsGlobal(const CLI::Option& option) { return option.get_group() == kGlobalGroup; }

std::string UsageOf(const Node& node) {
  std::string usage = "Usage: " + PathOf(node);
  if (!node.children.empty()) return usage + " COMMAND\n";
  std::string arguments;
  bool has_options = false;
  for (const CLI::Option* option : static_cast<const CLI::App&>(*node.app).get_options()) {
    has_options |= !option->get_positional() && !IsGlobal(*option);
    if (!option->get_positional()) continue;
    const std::string name =
        option->get_name(true) + (option->get_items_expected_max() > 1 ? "..." : "");
    arguments += option->get_required() ? " " + name : " [" + name + "]";
  }
  return usage + (has_options ? " [OPTIONS]" : "") + arguments + "\n";
}

std::string HelpOf(const Node& node) {
  std::string text = node.summary + "\n\n" + UsageOf(node);
  if (!node.examples.empty()) {
    text += "\nExamples:\n";
    for (const std::string& line : node.examples) text += "  " + line + "\n";
  }
  if (!node.children.empty()) text += "\nCommands:\n";
  for (const auto& child : node.children) text += HelpLine(child->app->get_name(), child->summary);
  text += OptionLines(node, "Arguments", [](const auto& o) { return o.get_positional(); });
  text += OptionLines(node, "Options",
                      [](const auto& o) { return !o.get_positional() && !IsGlobal(o); });
  if (node.parent == nullptr) text += OptionLines(node, "With every command", IsGlobal);
  return text;
}

const Node* Deepest(const Node& node) {
  for (const auto& child : node.children) {
    if (child->app->parsed()) return Deepest(*child);
  }
  return &node;
}

std::vector<std::string> WordsOf(const Node& node) {
  std::vector<std::string> words;
  for (const auto& child : node.children) words.push_back(child->app->get_name());
  for (const CLI::Option* option : static_cast<const CLI::App&>(*node.app).get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

ExitCode FailUsage(const Node& node, const std::string& what) {
  std::fprintf(stderr, "batuta: %s\ntry: %s --help\n", what.c_str(), PathOf(node).c_str());
  return ExitCode::kUsage;
}

// The first word that nothing takes: an option, a command, or one argument too many.
ExitCode FailUnknown(const Node& node, const std::string& word) {
  const bool is_option = word.starts_with("-");
  if (!is_option && node.children.empty()) {
    return FailUsage(node, "\"" + word + "\" is one argument too many");
  }
  const std::string near = base::Suggest(word.substr(0, word.find('=')), WordsOf(node));
  std::string what = base::StrCat(is_option ? "there is no option " : "there is no command \"",
                                  word, is_option ? "" : "\"");
  if (!near.empty()) base::StrAppend(&what, "; did you mean ", near, "?");
  return FailUsage(node, what);
}

void AppendHelp(const Node& node, std::string& text) {
  base::StrAppend(&text, "$ ", PathOf(node), " --help\n", HelpOf(node), "\n");
  for (const auto& child : node.children) AppendHelp(*child, text);
}

void AppendWords(const Node& node,
                 std::vector<std::pair<std::string, std::vector<std::string>>>& words) {
  words.emplace_back(PathOf(node), WordsOf(node));
  for (const auto& child : node.children) AppendWords(*child, words);
}

void Prepare(Node& node) {
  node.app->set_help_flag("-h,--help", "Show this help")->group(kGlobalGroup);
  node.app->allow_extras();
  Session& session = *node.session;
  const auto add = [&](const char* name, std::string& target, const char* type, const char* help) {
    node.app->add_option(name, target, help)->type_name(type)->group(kGlobalGroup);
  };
  add("--server", session.server, "URL", "The hub (BATUTA_SERVER)");
  add("--key", session.key, "KEY", "A secret key (BATUTA_KEY)");
  add("--data", session.data, "DIR", "The hub's folder (BATUTA_DATA)");
  add("-c,--config", session.config, "FILE", "Configuration, else ./batuta.toml");
  add("-o,--output", session.output_format, "FORMAT", "table, json, ndjson or csv");
  node.app->add_flag("-q,--quiet", session.quiet, "Only data and errors")->group(kGlobalGroup);
}

}  // namespace

Command Command::Add(std::string_view name, std::string_view summary) {
  auto child = std::make_unique<Node>();
  child->app = node_->app->add_subcommand(std::string(name), std::string(summary));
  child->parent = node_;
  child->session = node_->session;
  child->summary = std::string(summary);
  Prepare(*child);
  return Command(node_->children.emplace_back(std::move(child)).get());
}

void Command::Flag(std::string_view names, bool& target, std::string_view help) {
  node_->app->add_flag(std::string(names), target, std::string(help));
}

void Command::Option(std::string_view names, std::string& target, std::string_view help) {
  const auto [name, type] = SplitNames(names);
  node_->app->add_option(name, target, std::string(help))->type_name(type);
}

void Command::Option(std::string_view names, int64_t& target, std::string_view help) {
  const auto [name, type] = SplitNames(names);
  node_->app->add_option(name, target, std::string(help))->type_name(type);
}

void Command::Options(std::string_view names, std::vector<std::string>& target,
                      std::string_view help) {
  const auto [name, type] = SplitNames(names);
  node_->app->add_option(name, target, std::string(help))->type_name(type)->allow_extra_args(false);
}

void Command::Argument(std::string_view name, std::string& target, std::string_view help) {
  node_->app->add_option(std::string(name), target, std::string(help))->required();
}

void Command::OptionalArgument(std::string_view name, std::string& target, std::string_view help) {
  node_->app->add_option(std::string(name), target, std::string(help));
}

void Command::Arguments(std::string_view name, std::vector<std::string>& target,
                        std::string_view help) {
  node_->app->add_option(std::string(name), target, std::string(help))->required();
}

void Command::Example(std::string_view line) { node_->examples.emplace_back(line); }

void Command::Run(Action action) { node_->action = std::move(action); }

CommandLine::CommandLine() : node_(std::make_unique<Node>()) {
  node_->owned = std::make_unique<CLI::App>("", "batuta");
  node_->app = node_->owned.get();
  node_->session = &session_;
  node_->summary = "Batuta: who they are, what to offer them next, and why.";
  Prepare(*node_);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() { return Command(node_.get()); }

ExitCode CommandLine::Run(int argc, const char* const* argv) {
  try {
    node_->app->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(HelpOf(*Deepest(*node_)).c_str(), stdout);
    return ExitCode::kOk;
  } catch (const CLI::ParseError& error) {
    const Node& node = *Deepest(*node_);
    const auto extra = node_->app->remaining(true);
    return extra.empty() ? FailUsage(node, error.what()) : FailUnknown(node, extra.front());
  }
  const Node& node = *Deepest(*node_);
  const auto extra = node_->app->remaining(true);
  if (!extra.empty()) return FailUnknown(node, extra.front());
  auto output = Output::Create(session_.output_format, stdout);
  if (!output.ok()) return FailUsage(node, std::string(output.status().message()));
  session_.output = *output;
  if (node.action) return node.action(session_);
  std::fputs(HelpOf(node).c_str(), stdout);
  return ExitCode::kOk;
}

std::string CommandLine::AllHelp() const {
  std::string text;
  AppendHelp(*node_, text);
  return text;
}

std::vector<std::pair<std::string, std::vector<std::string>>> CommandLine::Words() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> words;
  AppendWords(*node_, words);
  return words;
}

}  // namespace batuta::server
