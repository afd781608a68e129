// Opens sealed values for readers who may see them, and masks them for all others.
//
// A value can be opened only where it belongs, so its path is needed: "traits.email". Not
// thread-safe; borrows the vault.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/value.pb.h"
#include "profile/profile.pb.h"
#include "vault/vault.h"

namespace batuta::api {

class Opener {
 public:
  Opener(vault::Vault& vault, bool may_see) : vault_(vault), may_see_(may_see) {}

  // The JSON value that was sealed at that path, or {"sealed": true}.
  base::Value Open(const base::Sealed& sealed, std::string_view path);
  // The same for a value that was sealed as it is, and not as JSON.
  base::Value OpenText(const base::Sealed& sealed, std::string_view context);

  // The fields with all that is sealed in them opened or masked.
  base::Fields OpenAll(const base::Fields& fields, std::string_view path);

  // Whether any value has been opened.
  bool has_opened() const { return has_opened_; }

  // Learns the paths of all sealed traits of a profile, which lends its values.
  void Learn(const profile::Profile& profile);
  // For profile::View: by what was learnt.
  std::optional<base::Value> OpenLearnt(const base::Sealed& sealed);

 private:
  std::optional<std::string> Unseal(const base::Sealed& sealed, std::string_view path);
  base::Value OpenValue(const base::Value& value, std::string& path);
  void LearnValue(const base::Value& value, std::string& path);

  vault::Vault& vault_;
  const bool may_see_;
  bool has_opened_ = false;
  absl::flat_hash_map<std::string, std::string> paths_;  // by box
};

// {"sealed": true}
base::Value Masked();

}  // namespace batuta::api
