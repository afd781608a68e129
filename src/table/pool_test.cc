#include "table/pool.h"

#include <gtest/gtest.h>

#include "table/parts.h"

namespace batuta::table {
namespace {

std::shared_ptr<const Content> Empty() {
  Head head;
  head.add_columns()->set_name("key");
  return *Content::Make(head, PartWriter().Take());
}

TEST(Pool, WhatIsInUseIsShared) {
  Pool pool;
  int made = 0;
  const auto make = [&made] {
    ++made;
    return Empty();
  };
  auto first = pool.Get("a", make);
  const auto second = pool.Get("a", make);
  EXPECT_EQ(first, second);
  EXPECT_EQ(made, 1);
  pool.Get("b", make);
  EXPECT_EQ(made, 2);
}

TEST(Pool, WhatNobodyUsesIsMadeAgain) {
  Pool pool;
  int made = 0;
  const auto make = [&made] {
    ++made;
    return Empty();
  };
  pool.Get("a", make);
  pool.Get("a", make);
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace batuta::table
