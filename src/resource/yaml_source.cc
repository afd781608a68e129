#include "resource/yaml_source.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "resource/number_text.h"

namespace batuta::resource {
namespace {

// Thrown through yaml-cpp when the builder has failed, and caught in ReadYaml.
struct Stop {};

// The lines of a text, to turn the byte columns of yaml-cpp into characters.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }

  // Counts from the place asked for last, because one line may be the whole text.
  TreeBuilder::Spot SpotOf(const YAML::Mark& mark) {
    if (mark.is_null() || mark.line < 0) return {};
    const size_t line = std::min(static_cast<size_t>(mark.line), starts_.size() - 1);
    const size_t at = OffsetOf(mark);
    if (line != line_ || at < at_) {
      line_ = line;
      at_ = starts_[line];
      characters_ = 0;
    }
    const std::string_view passed = text_.substr(at_, at - at_);
    characters_ +=
        std::count_if(passed.begin(), passed.end(), [](char c) { return (c & 0xC0) != 0x80; });
    at_ = at;
    return {static_cast<int>(line) + 1, static_cast<int>(characters_) + 1};
  }

  // The same, with where the text that is written there begins.
  TreeBuilder::Spot SpotOfText(const YAML::Mark& mark) {
    TreeBuilder::Spot spot = SpotOf(mark);
    const std::string_view text = TextAt(mark);
    const char first = text.empty() ? 0 : text.front();
    if (first == '|' || first == '>') {
      // A block begins in the first line with something in it, at that line's indentation.
      size_t line = std::min(static_cast<size_t>(mark.line), starts_.size() - 1) + 1;
      for (; line < starts_.size(); ++line) {
        const std::string_view row = text_.substr(starts_[line]);
        const size_t indent = row.find_first_not_of(' ');
        if (indent == std::string_view::npos || row[indent] == '\n' || row[indent] == '\r')
          continue;
        spot.text_line = static_cast<int>(line) + 1;
        spot.text_column = static_cast<int>(indent) + 1;
        spot.keeps_lines = first == '|';
        return spot;
      }
      return spot;
    }
    const bool is_quoted = first == '"' || first == '\'';
    spot.text_line = spot.line;
    spot.text_column = spot.column + (is_quoted ? 1 : 0);
    return spot;
  }

  // The text from the mark on.
  std::string_view TextAt(const YAML::Mark& mark) const {
    return mark.is_null() || mark.line < 0 ? "" : text_.substr(OffsetOf(mark));
  }

  bool IsIndentedByTab(const YAML::Mark& mark) const {
    if (mark.is_null() || mark.line < 0) return false;
    const size_t line = std::min(static_cast<size_t>(mark.line), starts_.size() - 1);
    const std::string_view text = text_.substr(starts_[line]);
    return text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
  }

 private:
  size_t OffsetOf(const YAML::Mark& mark) const {
    const size_t line = std::min(static_cast<size_t>(mark.line), starts_.size() - 1);
    return std::min(starts_[line] + static_cast<size_t>(std::max(mark.column, 0)), text_.size());
  }

  std::string_view text_;
  std::vector<size_t> starts_;
  size_t line_ = 0;
  size_t at_ = 0;
  std::ptrdiff_t characters_ = 0;
};

// yaml-cpp tags a scalar without a tag "?" if it is plain and "!" if it is quoted.
bool IsPlain(const std::string& tag) { return tag == "?" || tag.empty(); }

// Whether a quoted text ends, which yaml-cpp does not always ask at the end of its input.
bool IsClosed(std::string_view text) {
  const char quote = text.empty() ? 0 : text.front();
  if (quote != '"' && quote != '\'') return true;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return true;
    if (quote == '"' && text[i] == '\\') ++i;
  }
  return false;
}

class Handler : public YAML::EventHandler {
 public:
  explicit Handler(Lines& lines) : lines_(lines) {}

  TreeBuilder& builder() { return builder_; }

  // At some stray signs yaml-cpp does not move on, and would give empty documents without end.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == document_start_)
      Require(builder_.Fail("syntax",
                            "this sign cannot stand here; put a text that has it in quotes",
                            lines_.SpotOf(mark)));
    document_start_ = mark.pos;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (builder_.ExpectsKey()) RefuseKey(mark);
    // An absent value has the mark of whatever follows it; its member's name says more.
    const bool written = lines_.TextAt(mark).starts_with('~') ||
                         base::LowerAscii(lines_.TextAt(mark).substr(0, 4)) == "null";
    const TreeBuilder::Spot spot = lines_.SpotOf(mark);
    Require(builder_.Scalar(base::NullValue(), written ? spot : builder_.KeySpotOr(spot), anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (builder_.ExpectsKey()) RefuseKey(mark);
    Require(builder_.Alias(anchor, lines_.SpotOf(mark)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const TreeBuilder::Spot spot = lines_.SpotOfText(mark);
    const bool plain = IsPlain(tag);
    if (!plain && tag != "!") RefuseTag(tag, mark);
    if (!plain && !IsClosed(lines_.TextAt(mark)))
      Require(builder_.Fail("syntax", "the text that starts here has no closing quote", spot));
    if (builder_.ExpectsKey()) {
      Require(builder_.Key(text, spot, plain && text == "<<"));
      return;
    }
    Require(plain ? Plain(text, spot, anchor)
                  : builder_.Scalar(base::TextValue(text), spot, anchor));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (builder_.ExpectsKey()) RefuseKey(mark);
    if (!IsPlain(tag)) RefuseTag(tag, mark);
    Require(builder_.BeginList(lines_.SpotOf(mark), anchor));
  }
  void OnSequenceEnd() override { Require(builder_.End()); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (builder_.ExpectsKey()) RefuseKey(mark);
    if (!IsPlain(tag)) RefuseTag(tag, mark);
    Require(builder_.BeginObject(lines_.SpotOf(mark), anchor));
  }
  void OnMapEnd() override { Require(builder_.End()); }

 private:
  static void Require(bool ok) {
    if (!ok) throw Stop{};
  }

  void RefuseKey(const YAML::Mark& mark) {
    Require(builder_.Fail("syntax", "the name of a member must be a text", lines_.SpotOf(mark)));
  }

  void RefuseTag(const std::string& tag, const YAML::Mark& mark) {
    Require(builder_.Fail(
        "tag", base::StrCat("the tag ", tag, " is not supported; write the value without it"),
        lines_.SpotOf(mark)));
  }

  bool Plain(const std::string& text, TreeBuilder::Spot spot, YAML::anchor_t anchor) {
    if (text == "true" || text == "True" || text == "TRUE")
      return builder_.Scalar(base::BooleanValue(true), spot, anchor);
    if (text == "false" || text == "False" || text == "FALSE")
      return builder_.Scalar(base::BooleanValue(false), spot, anchor);
    if (!IsYamlNumber(text)) return builder_.Scalar(base::TextValue(text), spot, anchor);
    const ExactNumber number = ReadExactNumber(text);
    if (!number.ok) return builder_.Fail("out_of_range", number.message, spot);
    return builder_.Scalar(base::NumberValue(number.value), spot, anchor);
  }

  Lines& lines_;
  TreeBuilder builder_;
  int document_start_ = -1;
};

// What would be right, for the messages of yaml-cpp that its users meet.
std::string Explain(const std::string& message) {
  static constexpr std::pair<std::string_view, std::string_view> kHints[] = {
      {"illegal map value",
       "a \":\" is not expected here; put a text that contains \": \" in quotes, and check the "
       "indentation"},
      {"illegal tab", "indent with spaces, not with tabs"},
      {"end of map not found",
       "a member \"name: value\" is expected here, indented like the members before it"},
      {"end of map flow not found", "a \"}\" that closes the object is missing"},
      {"end of sequence not found",
       "an element \"- value\" is expected here, indented like the elements before it"},
      {"end of sequence flow not found", "a \"]\" that closes the list is missing"},
      {"illegal flow end", "nothing is open that this could close"},
      {"illegal block entry", "a list element \"- …\" cannot stand here; check the indentation"},
      {"illegal map key", "the name of a member cannot stand here; check the indentation"},
      {"illegal EOF in scalar", "a quote that closes the text is missing"},
      {"illegal document indicator in scalar", "a quote that closes the text is missing"},
      {"unknown escape character",
       "this escape is not known; a backslash in double quotes is written \\\\"},
      {"the referenced anchor is not defined",
       "no anchor \"&name\" of this alias stands before it"},
      {"unknown token", "put a text that starts with this character in quotes"},
  };
  for (const auto& [start, hint] : kHints)
    if (message.starts_with(start)) return std::string(hint);
  return base::StrCat("this is not YAML: ", message);
}

}  // namespace

std::optional<TreeBuilder::Failure> ReadYaml(std::string_view text,
                                             const std::function<void(Tree)>& take) {
  Lines lines(text);
  std::istringstream stream{std::string(text)};
  Handler handler(lines);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler))
      if (std::optional<Tree> tree = handler.builder().Take()) take(*std::move(tree));
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    const std::string message =
        lines.IsIndentedByTab(e.mark) ? "indent with spaces, not with tabs" : Explain(e.msg);
    handler.builder().Fail("syntax", message, lines.SpotOf(e.mark));
  } catch (const std::exception& e) {
    handler.builder().Fail("syntax", base::StrCat("this is not YAML: ", e.what()), {});
  }
  return handler.builder().failure();
}

}  // namespace batuta::resource
