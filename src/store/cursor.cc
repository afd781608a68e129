#include "store/cursor.h"

#include <utility>

#include "base/status.h"
#include "store/rocks_status.h"
#include "store/rocks_tables.h"

namespace batuta::store {

Cursor::Cursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Cursor::~Cursor() = default;

bool Cursor::Valid() const { return impl_->iterator->Valid(); }

absl::Status Cursor::status() const { return FromRocks(impl_->iterator->status(), "reading"); }

std::string_view Cursor::key() const { return ToView(impl_->iterator->key()); }

std::string_view Cursor::value() const { return ToView(impl_->iterator->value()); }

void Cursor::Next() {
  BATUTA_CHECK(Valid());
  impl_->iterator->Next();
}

void Cursor::Seek(std::string_view key) { impl_->iterator->Seek(ToSlice(key)); }

}  // namespace batuta::store
