// Populations, at the control partition: when each is measured, and finding its cut points from
// what the partitions count. What they do is in fold_measure.cc.
//
// A population is begun when it is due, when somebody asks for it, and when it is defined: as rules
// know nothing of it until it is measured, and cut points of another meaning are of no use. All
// partitions get a message and take the numbers of their people as of that record; they say how
// many these are, and then, in eight rounds, how the keys that are looked for go on
// (population/selection.h). What is found is the next version, which each partition reads from the
// record on that brings it. New definitions begin what is under way anew.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/fold.h"
#include "population/cut_points.h"
#include "population/selection.h"

namespace batuta::engine {
namespace {

// Whether the cut points are those that the definition asks for.
bool IsOf(const population::Version& version, const segment::Population& population) {
  return version.meaning() == population.meaning &&
         (version.cuts().empty() ||
          std::all_of(population.tops.begin(), population.tops.end(),
                      [&](uint64_t n) { return population::FindTop(version, n) != nullptr; }));
}

std::vector<uint64_t> TopsOf(const PopulationRunRow& run) {
  return {run.tops().begin(), run.tops().end()};
}

// False if nobody waits for that partition: it has answered.
bool CrossOffIn(uint32_t partition, PopulationRunRow& run) {
  auto& left = *run.mutable_waiting_for();
  const auto found = std::find(left.begin(), left.end(), partition);
  if (found == left.end()) return false;
  left.erase(found);
  return true;
}

}  // namespace

void Fold::OnPopulationAsk(const PopulationAsk& ask) {
  BATUTA_CHECK(IsControl());
  const segment::Population* population = definitions_->populations->Find(ask.population());
  if (population == nullptr) {
    return ReplyError(ask.request_id(), absl::NotFoundError("there is no such population"));
  }
  BeginPopulation(*population);
  Reply(ask.request_id(), "");
}

// Under new definitions.
void Fold::BeginPopulations() {
  for (const segment::Population& population : definitions_->populations->all()) {
    const auto found = tables_->populations.find(population.name);
    const bool is_measured =
        found != tables_->populations.end() && IsOf(*found->second, population);
    const bool is_under_way =
        state_.GetRow<PopulationRunRow>(RowKind::kPopulationRun, population.name).has_value();
    if (!is_measured || is_under_way) BeginPopulation(population);
  }
  SetPopulationTimer();
}

// Who missed several times, as the hub was down, is measured once. One that is still under way is
// not begun again.
void Fold::BeginDuePopulations() {
  for (const segment::Population& population : definitions_->populations->all()) {
    const auto row = state_.GetRow<PopulationRow>(RowKind::kPopulationState, population.name);
    if (!row.has_value() || population.schedule.Next({row->begun()}) > log_time()) continue;
    if (state_.GetRow<PopulationRunRow>(RowKind::kPopulationRun, population.name)) continue;
    BeginPopulation(population);
  }
  SetPopulationTimer();
}

void Fold::BeginPopulation(const segment::Population& population) {
  auto row = state_.GetRow<PopulationRow>(RowKind::kPopulationState, population.name);
  if (!row.has_value()) row.emplace();
  row->set_begun(log_time().micros);
  state_.PutRow(RowKind::kPopulationState, population.name, *row);
  PopulationRunRow run;
  run.set_run(base::Number(current_.position.offset));
  run.set_begun(log_time().micros);
  run.set_meaning(population.meaning);
  run.set_reversed(population.reversed);
  run.mutable_tops()->Assign(population.tops.begin(), population.tops.end());
  for (uint16_t i = 0; i < settings_.partitions; ++i) run.add_waiting_for(i);
  state_.PutRow(RowKind::kPopulationRun, population.name, run);
  Message message;
  message.mutable_population_begin()->set_population(population.name);
  message.mutable_population_begin()->set_run(run.run());
  SendToAll(message);
}

// At the next time that any is due. A timer that is set for one that is gone or begun meanwhile
// finds nothing to do.
void Fold::SetPopulationTimer() {
  base::Time next = base::kDistantFuture;
  for (const segment::Population& population : definitions_->populations->all()) {
    const auto row = state_.GetRow<PopulationRow>(RowKind::kPopulationState, population.name);
    if (!row.has_value()) continue;
    next = std::min(next, population.schedule.Next({std::max(row->begun(), log_time().micros)}));
  }
  if (next == base::kDistantFuture) return;
  state_.timers.Set({.due = next, .kind = TimerKind::kPopulation});
}

// Answers to a run that another has replaced find nothing.
void Fold::OnPopulationCounted(const PopulationCounted& counted) {
  auto run = state_.GetRow<PopulationRunRow>(RowKind::kPopulationRun, counted.population());
  if (!run.has_value() || run->run() != counted.run()) return;
  BATUTA_CHECK(!run->is_counted() && CrossOffIn(counted.partition(), *run));
  run->set_people(run->people() + counted.people());
  if (!run->waiting_for().empty()) {
    return state_.PutRow(RowKind::kPopulationRun, counted.population(), *run);
  }
  run->set_is_counted(true);
  *run->mutable_selection() = population::BeginSelection(
      run->people(), population::RanksOf(run->people(), TopsOf(*run), run->reversed()));
  GoOnSelecting(counted.population(), *std::move(run));
}

void Fold::OnPopulationCounts(const PopulationCounts& counts) {
  auto run = state_.GetRow<PopulationRunRow>(RowKind::kPopulationRun, counts.population());
  if (!run.has_value() || run->run() != counts.run()) return;
  BATUTA_CHECK(run->is_counted() && CrossOffIn(counts.partition(), *run) &&
               run->counts_size() == counts.counts_size());
  for (int i = 0; i < counts.counts_size(); ++i) {
    run->set_counts(i, run->counts(i) + counts.counts(i));
  }
  if (!run->waiting_for().empty()) {
    return state_.PutRow(RowKind::kPopulationRun, counts.population(), *run);
  }
  const std::vector<uint64_t> sums(run->counts().begin(), run->counts().end());
  population::TakeCounts(sums, *run->mutable_selection());
  GoOnSelecting(counts.population(), *std::move(run));
}

// The next round, or the end.
void Fold::GoOnSelecting(std::string_view name, PopulationRunRow run) {
  if (population::IsFound(run.selection())) return PublishPopulation(name, run);
  const std::vector<uint64_t> prefixes = population::PrefixesOf(run.selection());
  run.mutable_counts()->Clear();
  run.mutable_counts()->Resize(static_cast<int>(prefixes.size() * population::kDigits), 0);
  for (uint16_t i = 0; i < settings_.partitions; ++i) run.add_waiting_for(i);
  state_.PutRow(RowKind::kPopulationRun, name, run);
  Message message;
  PopulationProbe& probe = *message.mutable_population_probe();
  probe.set_population(std::string(name));
  probe.set_run(run.run());
  probe.set_bits(run.selection().bits());
  probe.mutable_prefixes()->Assign(prefixes.begin(), prefixes.end());
  SendToAll(message);
}

void Fold::PublishPopulation(std::string_view name, const PopulationRunRow& run) {
  auto row = state_.GetRow<PopulationRow>(RowKind::kPopulationState, name);
  BATUTA_CHECK(row.has_value());
  row->set_versions(row->versions() + 1);
  state_.PutRow(RowKind::kPopulationState, name, *row);
  state_.EraseRow(RowKind::kPopulationRun, name);
  Message message;
  population::Version& version = *message.mutable_population_found();
  version.set_population(std::string(name));
  version.set_number(row->versions());
  version.set_time(run.begun());
  version.set_meaning(run.meaning());
  version.set_reversed(run.reversed());
  population::TakeFound(run.selection(), TopsOf(run), version);
  UsePopulation(version);
  SendToAll(message);
}

void Fold::SendToAll(const Message& message) {
  for (uint16_t i = 0; i < settings_.partitions; ++i) Send(base::PartitionId{i}, message);
}

// ---- Versions; in every partition

void Fold::UsePopulation(const population::Version& version) {
  state_.PutRow(RowKind::kPopulation, version.population(), version);
  LoadTables();
}

void Fold::LoadPopulations(table::Tables& tables) {
  for (auto& [name, version] : state_.RowsOf<population::Version>(RowKind::kPopulation)) {
    tables.populations[name] = std::make_shared<population::Version>(std::move(version));
  }
}

// Of populations that are not declared any more; and cut points of what is declared otherwise now.
void Fold::DropPopulations() {
  const auto drop = [this](RowKind kind, const auto& is_gone) {
    std::vector<std::string> gone;
    state_.ScanRows(kind, [&](std::string_view name, std::string_view bytes) {
      const segment::Population* population = definitions_->populations->Find(name);
      if (population == nullptr || is_gone(*population, bytes)) gone.emplace_back(name);
      return true;
    });
    for (const std::string& name : gone) state_.EraseRow(kind, name);
    return !gone.empty();
  };
  const auto stays = [](const segment::Population&, std::string_view) { return false; };
  drop(RowKind::kPopulationState, stays);
  drop(RowKind::kPopulationRun, stays);
  drop(RowKind::kPopulationSweep, stays);
  const auto is_other = [](const segment::Population& population, std::string_view bytes) {
    population::Version version;
    BATUTA_CHECK(version.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return version.meaning() != population.meaning;
  };
  if (drop(RowKind::kPopulation, is_other)) LoadTables();
}

}  // namespace batuta::engine
