#include "api/member_stream.h"

#include <memory>
#include <utility>
#include <vector>

#include "api/ask.h"
#include "api/piece_stream.h"
#include "base/csv.h"
#include "base/status.h"
#include "base/text.h"
#include "profile/apply.h"
#include "segment/membership.h"

namespace batuta::api {
namespace {

constexpr size_t kStep = 128;  // people read at once

class MemberSource : public std::enable_shared_from_this<MemberSource> {
 public:
  MemberSource(Core& core, std::string segment) : core_(core), segment_(std::move(segment)) {}

  void Make(PieceDone done) {
    const auto view = core_.definitions.Now();
    if (view->definitions->segments->Find(segment_) == nullptr) {
      return done(absl::AbortedError("the segment was removed"));
    }
    core_.hub.runtime().Run(
        base::PartitionId{partition_},
        [self = shared_from_this(), done = std::move(done)](engine::Fold& fold) {
          Piece piece;
          if (std::exchange(self->is_first_, false)) piece.bytes = "personId,since,cause\r\n";
          self->Read(fold, piece.bytes);
          piece.more = self->partition_ < self->core_.hub.runtime().partitions();
          done(std::move(piece));
        });
  }

 private:
  // Some members of the partition; behind the last, on to the next partition.
  void Read(engine::Fold& fold, std::string& out) {
    const uint64_t edition = fold.ActiveEdition(segment_);
    const std::vector<uint32_t> numbers = fold.state().members.Of(edition).From(next_, kStep);
    engine::PersonRow scratch;
    for (const uint32_t number : numbers) {
      const std::optional<base::PersonId> person = fold.state().PersonOf(number);
      BATUTA_CHECK(person.has_value(), "a member has a number");
      const engine::PersonRow* row = fold.state().people.Peek(*person, scratch);
      BATUTA_CHECK(row != nullptr);
      const segment::Membership* membership = segment::Find(row->segments(), edition);
      BATUTA_CHECK(membership != nullptr, "the set of members and their rows agree");
      base::AppendCsvRow({person->ToString(), base::FormatRfc3339({membership->since()}),
                          profile::CauseName(static_cast<profile::Cause>(membership->cause()))},
                         out);
    }
    if (numbers.size() == kStep) {
      next_ = numbers.back() + 1;
    } else {
      ++partition_;
      next_ = 0;
    }
  }

  Core& core_;
  const std::string segment_;
  bool is_first_ = true;
  uint16_t partition_ = 0;
  uint32_t next_ = 0;  // number of the next person
};

}  // namespace

bool WantsCsv(const ExchangePtr& exchange) {
  return exchange->request().Header("Accept").starts_with("text/csv");
}

http::Response CsvResponse(const std::string& file_name, http::BodyStream stream) {
  http::Response response;
  response.headers.Set("Content-Type", "text/csv; charset=utf-8");
  response.headers.Set("Content-Disposition",
                       base::StrCat("attachment; filename=\"", file_name, "\""));
  response.stream = std::move(stream);
  return response;
}

void StreamMembers(const ExchangePtr& exchange, const std::string& segment) {
  auto source = std::make_shared<MemberSource>(exchange->core(), segment);
  exchange->Send(CsvResponse(
      segment + ".csv", StreamOf([source](PieceDone done) { source->Make(std::move(done)); })));
}

}  // namespace batuta::api
