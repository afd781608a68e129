#include "resource/diff.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "resource/yaml.h"

namespace batuta::resource {
namespace {

ResourceSet SetOf(std::string_view text) {
  Change change;
  change.documents = ParseDocuments(text, "a.yaml", Format::kYaml).documents;
  return ResourceSet().After(change, {"ana", {}});
}

const char* const kBefore =
    "{kind: action, name: gold, spec: {title: Oro, value: {amount: \"120.00\", currency: MXN}, "
    "variants: [{name: a, content: x}, {name: b, content: x}]}}\n---\n"
    "{kind: source, name: shop}\n---\n{kind: source, name: web}\n";
const char* const kAfter =
    "{kind: action, name: gold, spec: {title: Oro, value: {amount: \"150.00\", currency: MXN}, "
    "lever: 1.5, variants: [{name: c, content: x}]}}\n---\n"
    "{kind: source, name: app}\n---\n{kind: source, name: web}\n";

TEST(Diff, ReadsFieldByField) {
  EXPECT_EQ(ToText(Diff(SetOf(kBefore), SetOf(kAfter))),
            "+ source app\n"
            "~ action gold\n"
            "    + /spec/lever: 1.5\n"
            "    ~ /spec/value/amount: \"120.00\" -> \"150.00\"\n"
            "    ~ /spec/variants/0/name: \"a\" -> \"c\"\n"
            "    - /spec/variants/1: {\"content\":\"x\",\"name\":\"b\"}\n"
            "- source shop\n"
            "+1 ~1 -1, 1 unchanged\n");
}

TEST(Diff, AsJson) {
  EXPECT_EQ(
      base::ToJson(ToValue(Diff(SetOf(kBefore), SetOf(kAfter)))),
      R"({"added":[{"kind":"source","name":"app"}],"changed":[{"kind":"action","name":"gold",)"
      R"("fields":[{"pointer":"/spec/lever","to":1.5},)"
      R"({"pointer":"/spec/value/amount","from":"120.00","to":"150.00"},)"
      R"({"pointer":"/spec/variants/0/name","from":"a","to":"c"},)"
      R"({"pointer":"/spec/variants/1","from":{"content":"x","name":"b"}}]}],)"
      R"("removed":[{"kind":"source","name":"shop"}],)"
      R"("unchanged":[{"kind":"source","name":"web"}]})");
}

TEST(Diff, OfEqualSetsIsEmpty) {
  const ResourceDiff diff = Diff(SetOf(kBefore), SetOf(kBefore));
  EXPECT_TRUE(diff.empty());
  EXPECT_EQ(ToText(diff), "+0 ~0 -0, 3 unchanged\n");
}

TEST(Diff, AChangeOfTypeIsOneChange) {
  EXPECT_EQ(ToText(Diff(SetOf("{kind: x, name: a, spec: {f: {g: 1}, h: null}}"),
                        SetOf("{kind: x, name: a, spec: {f: [1], h: 0}}"))),
            "~ x a\n"
            "    ~ /spec/f: {\"g\":1} -> [1]\n"
            "    ~ /spec/h: null -> 0\n"
            "+0 ~1 -0, 0 unchanged\n");
}

}  // namespace
}  // namespace batuta::resource
