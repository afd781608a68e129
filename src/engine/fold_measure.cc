// Populations, in the partition of people: taking everybody's number as of one record, counting
// what the control partition asks about them, and asking segments again that read new cut points.
//
// The numbers are taken some people at each tick. Who is about to change before their turn comes
// has theirs taken first (CachedRows::Watch), so that all are as of the record that began it, at
// its log time. Only the numbers are laid up, without whose they are, until the cut points are
// found.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/status.h"
#include "engine/fold.h"
#include "population/cut_points.h"
#include "population/measures.h"
#include "population/selection.h"

namespace batuta::engine {
namespace {

// People whose number is taken, and who are asked again, per tick: a few milliseconds of work.
constexpr size_t kMeasureStep = 256;
constexpr size_t kSweepStep = 128;
constexpr size_t kKeyBytes = 8;

// Names have no zeros. Ascending by number.
std::string KeyWithin(std::string_view name, uint32_t number) {
  return std::string(name) + '\0' + PersonNumberKey(number);
}

std::string BytesOf(uint64_t key) {
  base::ByteWriter writer;
  writer.U64(key);
  return writer.Take();
}

}  // namespace

void Fold::OnPopulationBegin(const PopulationBegin& begin) {
  BATUTA_CHECK(definitions_->populations->Find(begin.population()) != nullptr,
               "definitions and what is begun under them come in order");
  DropMeasuring(begin.population());
  MeasuringRow row;
  row.set_run(begin.run());
  state_.PutRow(RowKind::kMeasuring, begin.population(), row);
  measuring_[begin.population()] = row;
  BeginMeasuring();
}

// Those that wait for features begin when these are complete.
void Fold::BeginMeasuring() {
  bool any = false;
  for (auto& [name, row] : measuring_) {
    const std::vector<uint64_t>& features = definitions_->populations->Find(name)->features;
    const bool is_complete = std::all_of(features.begin(), features.end(), [this](uint64_t number) {
      return IsFeatureComplete(number);
    });
    if (row.is_begun() || !is_complete) continue;
    row.set_is_begun(true);
    row.set_moment(log_time().micros);
    row.set_next(1);
    row.set_last(state_.self.last_number());
    state_.PutRow(RowKind::kMeasuring, name, row);
    any = true;
  }
  if (!any) return;
  LoadMeasuring();
  state_.timers.Set({.due = log_time(), .kind = TimerKind::kMeasuring});
}

void Fold::OnMeasuring() {
  const std::map<std::string, MeasuringRow, std::less<>> under_way = measuring_;
  for (const auto& [name, row] : under_way) {
    if (row.is_begun() && row.next() <= row.last() + 1) MeasureSome(name, row);
  }
}

// Past the end `next` is last + 2: all is taken.
void Fold::MeasureSome(const std::string& name, MeasuringRow row) {
  const segment::Population& population = *definitions_->populations->Find(name);
  std::vector<std::pair<uint32_t, base::PersonId>> people;
  state_.ScanNumbers(row.next(), [&](uint32_t number, const base::PersonId& person) {
    if (number <= row.last()) people.emplace_back(number, person);
    return number <= row.last() && people.size() < kMeasureStep;
  });
  const bool is_over = people.size() < kMeasureStep;
  const uint32_t end = is_over ? row.last() + 1 : people.back().first + 1;
  std::map<uint32_t, std::string> keys;  // by number
  state_.rows.Scan(PartitionState::KeyOf(RowKind::kMeasuredEarly, KeyWithin(name, row.next())),
                   PartitionState::KeyOf(RowKind::kMeasuredEarly, KeyWithin(name, end)),
                   [&](std::string_view key, std::string_view bytes) {
                     base::ByteReader reader(key.substr(name.size() + 2));
                     keys.emplace(reader.U32(), bytes);
                     return true;
                   });
  for (const auto& [number, key] : keys) {
    state_.EraseRow(RowKind::kMeasuredEarly, KeyWithin(name, number));
  }
  PersonRow scratch;
  for (const auto& [number, person] : people) {
    const PersonRow& found = *state_.people.Peek(person, scratch);
    if (!keys.contains(number)) keys.emplace(number, MeasureOf(population, row, found));
  }
  std::string part;
  for (const auto& [number, key] : keys) part += key;
  if (!part.empty()) {
    row.set_people(row.people() + part.size() / kKeyBytes);
    state_.rows.Put(PartitionState::KeyOf(RowKind::kMeasured, KeyWithin(name, row.parts())), part);
    row.set_parts(row.parts() + 1);
  }
  row.set_next(is_over ? row.last() + 2 : end);
  state_.PutRow(RowKind::kMeasuring, name, row);
  measuring_[name] = row;
  if (!is_over) return state_.timers.Set({.due = log_time(), .kind = TimerKind::kMeasuring});
  LoadMeasuring();
  Message message;
  PopulationCounted& counted = *message.mutable_population_counted();
  counted.set_population(name);
  counted.set_run(row.run());
  counted.set_partition(base::Index(settings_.partition));
  counted.set_people(row.people());
  Send(base::PartitionId{settings_.partitions}, std::move(message));
}

// The key; nothing if the person does not count.
std::string Fold::MeasureOf(const segment::Population& population, const MeasuringRow& measuring,
                            const PersonRow& row) {
  rule::PersonState person = PersonOf(row);
  person.now = {measuring.moment()};
  const std::optional<double> number = measures_->Read(population, person);
  return number.has_value() ? BytesOf(population::KeyOf(*number)) : "";
}

// Of somebody who is about to change, if it was not done before.
void Fold::MeasureEarly(const PersonRow& row) {
  for (const auto& [name, measuring] : measuring_) {
    if (!measuring.is_begun() || row.number() < measuring.next() ||
        row.number() > measuring.last()) {
      continue;
    }
    const std::string key =
        PartitionState::KeyOf(RowKind::kMeasuredEarly, KeyWithin(name, row.number()));
    if (state_.rows.Get(key).has_value()) continue;
    state_.rows.Put(key, MeasureOf(*definitions_->populations->Find(name), measuring, row));
  }
}

// Of somebody who is erased, if their number is not taken yet.
void Fold::ForgetMeasured(const PersonRow& row) {
  for (const auto& [name, measuring] : measuring_) {
    const std::string key =
        PartitionState::KeyOf(RowKind::kMeasuredEarly, KeyWithin(name, row.number()));
    if (state_.rows.Get(key).has_value()) state_.rows.Put(key, "");
  }
}

void Fold::OnPopulationProbe(const PopulationProbe& probe) {
  const auto found = measuring_.find(probe.population());
  if (found == measuring_.end() || found->second.run() != probe.run()) return;
  population::DigitCounts counts({probe.prefixes().begin(), probe.prefixes().end()}, probe.bits());
  std::vector<uint64_t> keys;
  for (uint32_t part = 0; part < found->second.parts(); ++part) {
    const auto bytes = state_.rows.Get(
        PartitionState::KeyOf(RowKind::kMeasured, KeyWithin(probe.population(), part)));
    BATUTA_CHECK(bytes.has_value(), "a population has all its parts");
    keys.clear();
    base::ByteReader reader(*bytes);
    while (!reader.AtEnd()) keys.push_back(reader.U64());
    counts.Add(keys);
  }
  Message message;
  PopulationCounts& answer = *message.mutable_population_counts();
  answer.set_population(probe.population());
  answer.set_run(probe.run());
  answer.set_partition(base::Index(settings_.partition));
  answer.mutable_counts()->Assign(counts.counts().begin(), counts.counts().end());
  Send(base::PartitionId{settings_.partitions}, std::move(message));
}

// A first version, or one after a change of the definition, finds members; later ones see people
// come and go.
void Fold::OnPopulationFound(const population::Version& version) {
  const bool is_first = !tables_->populations.contains(version.population());
  DropMeasuring(version.population());
  UsePopulation(version);
  SweepPopulation(version, is_first ? profile::Cause::kBackfill : profile::Cause::kLive);
  ContinueSweep();
}

// ---- What is laid up

void Fold::DropMeasuring(const std::string& name) {
  const auto found = measuring_.find(name);
  if (found == measuring_.end()) return;
  for (uint32_t part = 0; part < found->second.parts(); ++part) {
    state_.EraseRow(RowKind::kMeasured, KeyWithin(name, part));
  }
  std::vector<std::string> early;
  state_.rows.Scan(PartitionState::KeyOf(RowKind::kMeasuredEarly, name + '\0'),
                   PartitionState::KeyOf(RowKind::kMeasuredEarly, name + '\1'),
                   [&](std::string_view key, std::string_view) {
                     early.emplace_back(key);
                     return true;
                   });
  for (const std::string& key : early) state_.rows.Erase(key);
  state_.EraseRow(RowKind::kMeasuring, name);
  LoadMeasuring();
}

void Fold::DropAllMeasuring() {
  std::vector<std::string> names;
  for (const auto& [name, row] : measuring_) names.push_back(name);
  for (const std::string& name : names) DropMeasuring(name);
}

// While numbers are being taken, changes of people are watched.
void Fold::LoadMeasuring() {
  measuring_.clear();
  bool is_taking = false;
  for (auto& [name, row] : state_.RowsOf<MeasuringRow>(RowKind::kMeasuring)) {
    is_taking = is_taking || (row.is_begun() && row.next() <= row.last());
    measuring_.emplace(name, std::move(row));
  }
  if (is_taking) {
    state_.people.Watch([this](const PersonRow& row) { MeasureEarly(row); });
  } else {
    state_.people.Watch(nullptr);
  }
}

// ---- Segments

void Fold::SweepPopulation(const population::Version& version, profile::Cause cause) {
  const std::string& name = version.population();
  if (definitions_->segments->OfTable(population::TableOf(name)).empty()) return;
  PopulationSweepRow sweep;
  sweep.set_next(1);
  sweep.set_cause(static_cast<uint32_t>(cause));
  state_.PutRow(RowKind::kPopulationSweep, name, sweep);
  state_.timers.Set({.due = log_time(), .kind = TimerKind::kPopulationSweep});
}

void Fold::OnPopulationSweep() {
  for (auto& [name, sweep] : state_.RowsOf<PopulationSweepRow>(RowKind::kPopulationSweep)) {
    size_t count = 0;
    uint32_t last = 0;
    state_.ScanNumbers(sweep.next(), [&](uint32_t number, const base::PersonId& person) {
      Touched& touched = Touch(person);
      touched.tables.push_back(population::TableOf(name));
      touched.cause = static_cast<profile::Cause>(sweep.cause());
      last = number;
      return ++count < kSweepStep;
    });
    if (count < kSweepStep) {
      state_.EraseRow(RowKind::kPopulationSweep, name);
      continue;
    }
    sweep.set_next(last + 1);
    state_.PutRow(RowKind::kPopulationSweep, name, sweep);
    state_.timers.Set({.due = log_time(), .kind = TimerKind::kPopulationSweep});
  }
}

}  // namespace batuta::engine
