#include "resource/yaml.h"

#include <utility>

#include "base/text.h"
#include "base/value.h"
#include "resource/json_source.h"
#include "resource/kind.h"
#include "resource/yaml_source.h"

namespace batuta::resource {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Problem Refusal(std::string_view code, std::string_view message, Place place) {
  return {.code = std::string(code),
          .message = std::string(message),
          .pointer = "",
          .resource = {},
          .place = std::move(place)};
}

// Where the first byte stands that no text may contain, if there is one: a control character other
// than tab and line ends, or a sequence that is not UTF-8.
std::optional<SourceMap::Spot> FindBadByte(std::string_view text) {
  SourceMap::Spot spot{1, 1};
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
    const size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (control || byte == 0x7F || !base::IsValidUtf8(text.substr(i, length))) return spot;
    i += length;
    spot = byte == '\n' ? SourceMap::Spot{spot.line + 1, 1}
                        : SourceMap::Spot{spot.line, spot.column + 1};
  }
  return std::nullopt;
}

// Reads all trees of the text; the problem that ended it, if one did.
std::optional<Problem> ReadTrees(std::string_view text, std::string_view file, Format format,
                                 const std::function<void(Tree)>& take) {
  const std::string name(file);
  if (text.size() > kMaxTextBytes)
    return Refusal("too_large",
                   base::StrCat("the text has ", text.size(), " bytes; at most ", kMaxTextBytes,
                                " are read, split it in parts"),
                   {name});
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (const auto bad = FindBadByte(text))
    return Refusal("syntax", "the text must be UTF-8 without control characters",
                   {name, bad->line, bad->column});
  std::optional<TreeBuilder::Failure> failure;
  if (format == Format::kYaml) {
    failure = ReadYaml(text, take);
  } else {
    TreeBuilder builder;
    if (ReadJson(text, builder)) take(*builder.Take());
    failure = builder.failure();
  }
  if (!failure) return std::nullopt;
  return Refusal(failure->code, failure->message, {name, failure->spot.line, failure->spot.column});
}

// Turns one tree into a document, or says why it is none.
class Envelope {
 public:
  Envelope(Tree tree, std::string_view file, ParsedDocuments& out)
      : value_(std::move(tree.value)),
        source_(std::string(file), std::move(tree.places)),
        out_(out) {}

  void Open() {
    if (!value_.has_object()) {
      Problem("wrong_type", "", "a document is an object with the members kind, name and spec");
      return;
    }
    RefuseOthers();
    document_.kind = TextMember("kind", "the kind of the resource, such as action");
    const Kind* kind = FindKind(document_.kind);
    if (kind != nullptr && kind->singleton && base::Find(value_.object(), "name") == nullptr)
      document_.name = kSingletonName;
    else
      document_.name = TextMember("name", "the name of the resource");
    TakeSpec();
    if (!right_) return;
    document_.source = std::move(source_);
    out_.documents.push_back(std::move(document_));
  }

 private:
  void Problem(std::string_view code, std::string_view pointer, std::string_view message,
               bool at_name = false) {
    right_ = false;
    if (out_.problems.size() >= Findings::kMaxProblems) return;
    out_.problems.push_back({.code = std::string(code),
                             .message = std::string(message),
                             .pointer = std::string(pointer),
                             .resource = KeyOf(document_),
                             .place = at_name ? source_.OfName(pointer) : source_.Of(pointer)});
  }

  void RefuseOthers() {
    for (const base::Field& field : value_.object().fields()) {
      const std::string& name = field.name();
      if (name == "kind" || name == "name" || name == "spec") continue;
      const std::string near = base::Suggest(name, {"kind", "name", "spec"});
      Problem("unknown_field", Child("", name),
              base::StrCat("a document has no member \"", name, "\"; ",
                           near.empty() ? "its members are kind, name and spec"
                                        : base::StrCat("did you mean \"", near, "\"?")),
              true);
    }
  }

  std::string TextMember(std::string_view name, std::string_view meaning) {
    const base::Value* member = base::Find(value_.object(), name);
    if (member != nullptr && member->kind_case() == base::Value::kText) return member->text();
    const std::string pointer = Child("", name);
    if (member == nullptr)
      Problem("missing_field", pointer, base::StrCat("\"", name, "\" is missing: ", meaning));
    else
      Problem("wrong_type", pointer, base::StrCat("\"", name, "\" must be a text: ", meaning));
    return "";
  }

  void TakeSpec() {
    base::Value* spec = base::FindMutable(*value_.mutable_object(), "spec");
    if (spec == nullptr || base::IsNull(*spec)) return;
    if (!spec->has_object()) {
      Problem("wrong_type", "/spec", "\"spec\" must be an object");
      return;
    }
    document_.spec = std::move(*spec->mutable_object());
  }

  base::Value value_;
  SourceMap source_;
  ParsedDocuments& out_;
  bool right_ = true;
  Document document_;
};

// A JSON text may be a list of documents; each element then is a tree of its own.
void OpenEach(Tree tree, std::string_view file, Format format, ParsedDocuments& out) {
  if (format == Format::kYaml || !tree.value.has_list()) {
    // An empty YAML document, as after a last "---", says nothing.
    if (format == Format::kYaml && base::IsNull(tree.value)) return;
    Envelope(std::move(tree), file, out).Open();
    return;
  }
  for (int i = 0; i < tree.value.list().values_size(); ++i)
    Envelope({tree.value.list().values(i), tree.places.children[static_cast<size_t>(i)]}, file, out)
        .Open();
}

}  // namespace

Format FormatOf(std::string_view file) {
  return base::LowerAscii(file).ends_with(".json") ? Format::kJson : Format::kYaml;
}

ParsedDocuments ParseDocuments(std::string_view text, std::string_view file, Format format) {
  ParsedDocuments parsed;
  auto problem = ReadTrees(text, file, format,
                           [&](Tree tree) { OpenEach(std::move(tree), file, format, parsed); });
  if (problem) parsed.problems.push_back(*std::move(problem));
  return parsed;
}

ParsedValue ParseValue(std::string_view text, std::string_view file, Format format) {
  ParsedValue parsed;
  std::vector<Tree> trees;
  auto problem =
      ReadTrees(text, file, format, [&](Tree tree) { trees.push_back(std::move(tree)); });
  if (!problem && trees.size() != 1)
    problem =
        Refusal("syntax", base::StrCat("one value is expected, but the text holds ", trees.size()),
                {std::string(file)});
  if (problem) {
    parsed.problems.push_back(*std::move(problem));
    return parsed;
  }
  parsed.value = std::move(trees.front().value);
  parsed.source = SourceMap(std::string(file), std::move(trees.front().places));
  return parsed;
}

}  // namespace batuta::resource
