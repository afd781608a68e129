#include "engine/layered_rows.h"

#include <utility>

#include "base/status.h"

namespace batuta::engine {
namespace {

// The part [from, to) of one layer, walked in order.
class LayerCursor {
 public:
  LayerCursor(const LayeredRows::Layer* layer, std::string_view from, std::string_view to) {
    if (layer == nullptr) return;
    next_ = layer->lower_bound(from);
    end_ = to.empty() ? layer->end() : layer->lower_bound(to);
    valid_ = true;
  }
  bool AtEnd() const { return !valid_ || next_ == end_; }
  const std::string& key() const { return next_->first; }
  const std::optional<std::string>& value() const { return next_->second; }
  void Advance() { ++next_; }
  void SkipTo(std::string_view key) {
    while (!AtEnd() && next_->first <= key) ++next_;
  }

 private:
  bool valid_ = false;
  LayeredRows::Layer::const_iterator next_;
  LayeredRows::Layer::const_iterator end_;
};

}  // namespace

std::optional<std::string> LayeredRows::Get(std::string_view key) {
  if (const auto found = active_.find(key); found != active_.end()) return found->second;
  if (frozen_ != nullptr) {
    if (const auto found = frozen_->find(key); found != frozen_->end()) return found->second;
  }
  auto stored = database_.Get(table_, key);
  BATUTA_CHECK_OK(stored.status());
  return *std::move(stored);
}

void LayeredRows::Put(std::string_view key, std::string value) { Set(key, std::move(value)); }
void LayeredRows::Erase(std::string_view key) { Set(key, std::nullopt); }

void LayeredRows::Set(std::string_view key, std::optional<std::string> value) {
  constexpr size_t kOverhead = 64;  // of a node of the map
  dirty_bytes_ += key.size() + (value.has_value() ? value->size() : 0) + kOverhead;
  if (const auto found = active_.find(key); found != active_.end()) {
    found->second = std::move(value);
  } else {
    active_.emplace(std::string(key), std::move(value));
  }
}

void LayeredRows::Scan(std::string_view from, std::string_view to,
                       absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  LayerCursor active(&active_, from, to);
  LayerCursor frozen(frozen_.get(), from, to);
  bool go_on = true;
  // Visits what the two upper layers hold before `limit` (all when it is empty); the active one
  // wins.
  const auto visit_upper_before = [&](std::string_view limit, bool has_limit) {
    while (go_on && (!active.AtEnd() || !frozen.AtEnd())) {
      const bool take_active = !active.AtEnd() && (frozen.AtEnd() || active.key() <= frozen.key());
      LayerCursor& cursor = take_active ? active : frozen;
      if (has_limit && std::string_view(cursor.key()) >= limit) return;
      if (take_active) frozen.SkipTo(active.key());
      if (cursor.value().has_value()) go_on = visit(cursor.key(), *cursor.value());
      cursor.Advance();
    }
  };
  BATUTA_CHECK_OK(
      database_.Scan(table_, from, to, [&](std::string_view key, std::string_view value) {
        visit_upper_before(key, true);
        if (!go_on) return false;
        const bool in_active = !active.AtEnd() && active.key() == key;
        const bool in_frozen = !frozen.AtEnd() && frozen.key() == key;
        if (!in_active && !in_frozen) {
          go_on = visit(key, value);
          return go_on;
        }
        const std::optional<std::string>& upper = in_active ? active.value() : frozen.value();
        if (upper.has_value()) go_on = visit(key, *upper);
        active.SkipTo(key);
        frozen.SkipTo(key);
        return go_on;
      }));
  visit_upper_before("", false);
}

std::shared_ptr<const LayeredRows::Layer> LayeredRows::Freeze() {
  BATUTA_CHECK(frozen_ == nullptr);
  frozen_ = std::make_shared<const Layer>(std::exchange(active_, {}));
  dirty_bytes_ = 0;
  return frozen_;
}

void LayeredRows::Written() {
  BATUTA_CHECK(frozen_ != nullptr);
  frozen_ = nullptr;
}

}  // namespace batuta::engine
