#include "resource/classification.h"

#include <gtest/gtest.h>

#include "resource/every_field.h"
#include "resource/yaml.h"

namespace batuta::resource {
namespace {

using Verdict = Classification::Verdict;

// Every field of the kind, as its schema names them.
TEST(Classification, WhatTheResourceSaysGoesBeforeTheBuiltInList) {
  const resource::ParsedDocuments parsed =
      resource::ParseDocuments(resource::kEveryField, "every.yaml", resource::Format::kYaml);
  Classification stated;
  for (const resource::Document& document : parsed.documents) {
    if (document.kind == "classification") stated = Classification::Compile(document.spec);
  }
  EXPECT_EQ(Classification().Of("traits.email", "email"), Verdict::kSealed);
  EXPECT_EQ(stated.Of("traits.email", "email"), Verdict::kClear);
  EXPECT_EQ(Classification().Of("traits.shoe", "shoe"), Verdict::kByValue);
  EXPECT_EQ(stated.Of("traits.shoe", "shoe"), Verdict::kSealed);
  EXPECT_EQ(stated.Of("traits.shoe.size", "size"), Verdict::kSealed);
  ASSERT_NE(stated.PurposesOf("traits.health.allergies"), nullptr);
  EXPECT_EQ(*stated.PurposesOf("traits.health.allergies"), std::vector<std::string>{"care"});
  EXPECT_EQ(stated.PurposesOf("traits.healthy"), nullptr);
}

}  // namespace
}  // namespace batuta::resource
