// Typed reading of a spec that has been validated, so that each folder turns it into settings of
// its own without ceremony.
//
//     const Reader spec(resource.spec);
//     cap.max = spec.Object("cap").Integer("max", 0);
//
// A member that is absent (or null) gives the fallback; one of another type than asked for is a bug
// of the caller and ends the process, because validation has refused such specs. Does not own the
// fields: they must outlive the reader and the views it gives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "base/value.pb.h"

namespace batuta::resource {

class Reader {
 public:
  explicit Reader(const base::Fields& fields) : fields_(&fields) {}

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // Null if absent.
  const base::Value* Find(std::string_view name) const;

  std::string Text(std::string_view name, std::string_view fallback = "") const;
  double Number(std::string_view name, double fallback = 0) const;
  int64_t Integer(std::string_view name, int64_t fallback = 0) const;
  bool Bool(std::string_view name, bool fallback = false) const;
  base::Money MoneyField(std::string_view name, base::Money fallback = {}) const;
  base::Duration DurationField(std::string_view name, base::Duration fallback = {}) const;
  base::Time TimeField(std::string_view name, base::Time fallback = {}) const;
  // An empty object if absent.
  Reader Object(std::string_view name) const;
  // Empty lists if absent.
  std::vector<std::string> Texts(std::string_view name) const;
  std::vector<Reader> Objects(std::string_view name) const;
  std::vector<const base::Value*> Values(std::string_view name) const;

  const base::Fields& fields() const { return *fields_; }

 private:
  const base::Fields* fields_;
};

}  // namespace batuta::resource
