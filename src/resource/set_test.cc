#include "resource/set.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "base/random.h"
#include "resource/canonical.h"
#include "resource/sample_company.h"
#include "resource/yaml.h"

namespace batuta::resource {
namespace {

Change ChangeOf(std::string_view text) {
  return {.documents = ParseDocuments(text, "a.yaml", Format::kYaml).documents,
          .removals = {},
          .remove_unstated = false};
}

const Authorship kAna = {"ana", {1000}};
const Authorship kLuis = {"luis", {2000}};

constexpr std::string_view kTwoSources =
    "{kind: source, name: web, spec: {title: Web}}\n---\n{kind: source, name: app, spec: {title: "
    "App}}\n";

TEST(Canonical, DoesNotDependOnTheOrderOfMembers) {
  const auto a = ParseValue("{b: {y: [1, {q: 1, p: -0.0}], x: 2}, a: 1}", "", Format::kYaml);
  const auto b = ParseValue("{a: 1, b: {x: 2.0, y: [1, {p: 0, q: 1}]}}", "", Format::kYaml);
  EXPECT_EQ(base::ToJson(Canonical(*a.value)), R"({"a":1,"b":{"x":2,"y":[1,{"p":0,"q":1}]}})");
  EXPECT_EQ(base::ToJson(Canonical(*a.value)), base::ToJson(Canonical(*b.value)));
  EXPECT_EQ(Etag(a.value->object()), Etag(b.value->object()));
  EXPECT_EQ(Etag(a.value->object()).size(), 32u);
}

TEST(Canonical, KeepsTheOrderOfLists) {
  const auto a = ParseValue("{a: [1, 2]}", "", Format::kYaml);
  const auto b = ParseValue("{a: [2, 1]}", "", Format::kYaml);
  EXPECT_NE(Etag(a.value->object()), Etag(b.value->object()));
}

void Shuffle(base::Fields& fields, base::Random& random) {
  for (int i = fields.fields_size() - 1; i > 0; --i)
    fields.mutable_fields()->SwapElements(
        i, static_cast<int>(random.Below(static_cast<uint64_t>(i) + 1)));
  for (base::Field& field : *fields.mutable_fields())
    if (field.value().has_object()) Shuffle(*field.mutable_value()->mutable_object(), random);
}

TEST(Canonical, SamplesShuffledKeepTheirForm) {
  base::Random random(7, {1, 2}, "test", "shuffle");
  for (const Document& document : ParseFiles(ReadSampleCompany()).documents) {
    base::Fields shuffled = document.spec;
    Shuffle(shuffled, random);
    EXPECT_EQ(Etag(shuffled), Etag(document.spec));
    EXPECT_EQ(base::ToJson(Canonical(shuffled)), base::ToJson(Canonical(document.spec)));
  }
}

TEST(ResourceSet, IsOrderedByKindAndName) {
  ResourceSet set = ResourceSet().After(ChangeOf(kTwoSources), kAna);
  set = set.After(ChangeOf("{kind: holdout, name: h, spec: {percent: 1}}"), kAna);
  std::string order;
  for (const auto& [key, resource] : set.all()) order += key.kind + "/" + key.name + " ";
  EXPECT_EQ(order, "holdout/h source/app source/web ");
  ASSERT_EQ(set.OfKind("source").size(), 2u);
  EXPECT_EQ(set.OfKind("source")[0]->key.name, "app");
  EXPECT_EQ(set.Find("source", "shop"), nullptr);
  EXPECT_TRUE(set.OfKind("sourc").empty());
}

TEST(ResourceSet, OnlyWhatChangesGetsANewVersion) {
  const ResourceSet before = ResourceSet().After(ChangeOf(kTwoSources), kAna);
  EXPECT_EQ(before.version(), 1u);
  const ResourceSet after = before.After(
      ChangeOf("{kind: source, name: web, spec: {title: Website}}\n---\n{kind: source, name: app, "
               "spec: {title: App}}"),
      kLuis);
  EXPECT_EQ(after.version(), 2u);
  EXPECT_EQ(after.Find("source", "web")->version, 2u);
  EXPECT_EQ(after.Find("source", "web")->author, "luis");
  EXPECT_EQ(after.Find("source", "web")->time.micros, 2000);
  EXPECT_EQ(after.Find("source", "app")->version, 1u);
  EXPECT_EQ(after.Find("source", "app")->author, "ana");
  EXPECT_NE(after.Find("source", "web")->etag, before.Find("source", "web")->etag);
}

TEST(ResourceSet, AChangeOfNothingChangesNothing) {
  const ResourceSet before = ResourceSet().After(ChangeOf(kTwoSources), kAna);
  const ResourceSet after = before.After(ChangeOf(kTwoSources), kLuis);
  EXPECT_EQ(after.version(), 1u);
  EXPECT_EQ(after.Encode(), before.Encode());
}

TEST(ResourceSet, ANameUsedAgainGoesOnCounting) {
  const ResourceSet first = ResourceSet().After(ChangeOf(kTwoSources), kAna);
  Change removal;
  removal.removals = {{"source", "web"}, {"source", "unknown"}};
  const ResourceSet without = first.After(removal, kAna);
  EXPECT_EQ(without.version(), 2u);
  EXPECT_EQ(without.Find("source", "web"), nullptr);
  const ResourceSet stored = ResourceSet::Decode(without.Encode()).value();
  const ResourceSet again = stored.After(ChangeOf(kTwoSources), kLuis);
  EXPECT_EQ(again.version(), 3u);
  EXPECT_EQ(again.Find("source", "web")->version, 2u);
  EXPECT_EQ(again.Find("source", "app")->version, 1u);
}

TEST(ResourceSet, WhatIsNotStatedGoesOnRequest) {
  const ResourceSet before = ResourceSet().After(ChangeOf(kTwoSources), kAna);
  Change change = ChangeOf("{kind: source, name: app, spec: {title: App}}");
  EXPECT_EQ(before.After(change, kAna).all().size(), 2u);
  change.remove_unstated = true;
  const ResourceSet after = before.After(change, kAna);
  EXPECT_EQ(after.all().size(), 1u);
  EXPECT_NE(after.Find("source", "app"), nullptr);
}

TEST(ResourceSet, OfTwoDocumentsOfANameTheLastCounts) {
  const ResourceSet set = ResourceSet().After(
      ChangeOf("{kind: source, name: a, spec: {title: X}}\n---\n{kind: source, name: a, spec: "
               "{title: Y}}"),
      kAna);
  EXPECT_EQ(base::ToJson(set.Find("source", "a")->spec), R"({"title":"Y"})");
  EXPECT_EQ(set.Find("source", "a")->version, 1u);
}

TEST(ResourceSet, BytesAreTheSameForTheSameContent) {
  ParsedDocuments parsed = ParseFiles(ReadSampleCompany());
  Change change;
  change.documents = parsed.documents;
  const std::string bytes = ResourceSet().After(change, kAna).Encode();
  std::reverse(change.documents.begin(), change.documents.end());
  EXPECT_EQ(ResourceSet().After(change, kAna).Encode(), bytes);
  const auto decoded = ResourceSet::Decode(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->Encode(), bytes);
  EXPECT_EQ(decoded->all().size(), parsed.documents.size());
}

TEST(ResourceSet, DamagedBytesAreRefused) {
  std::string bytes = ResourceSet().After(ChangeOf(kTwoSources), kAna).Encode();
  EXPECT_FALSE(ResourceSet::Decode(bytes.substr(0, bytes.size() - 1)).ok());
  const size_t at = bytes.find("Web");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'X';
  EXPECT_EQ(ResourceSet::Decode(bytes).status().message(),
            "the bytes are not a set of resources: the tag of source web is not that of its spec");
  EXPECT_TRUE(ResourceSet::Decode("").ok());
}

}  // namespace
}  // namespace batuta::resource
