// What people write themselves: the same events into PostgreSQL, an insert and an upsert per event,
// a hundred in each durable transaction.
//
//     peer_postgres SOCKET_FOLDER SERVER_PID EVENTS
//
// The upsert keeps, per person, how many events of each name there were and when the last one was:
// less than a profile holds. Two connections, as the hub has two threads that fold. Statements are
// prepared and sent as a pipeline, so that a transaction is one round trip. The message id is a
// primary key, as the hub keeps ids apart, too.
#include <dirent.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "base/thread.h"
#include "bench/bench_hub.h"
#include "bench/crowd.h"
#include "bench/meter.h"
#include "bench/report.h"

namespace batuta::bench {
namespace {

constexpr size_t kPeople = 100'000;
constexpr size_t kBatch = 100;
constexpr size_t kConnections = 2;

constexpr const char* kTables =
    "create table events (id text primary key, person text not null, at timestamptz not null,"
    " name text not null, body jsonb not null);"
    "create table people (person text primary key, counts jsonb not null, last timestamptz not "
    "null,"
    " events bigint not null)";
constexpr const char* kInsert =
    "insert into events values ($1, $2, now(), $3, $4) on conflict do nothing";
constexpr const char* kUpsert =
    "insert into people values ($1, jsonb_build_object($2::text, 1), now(), 1)"
    " on conflict (person) do update set counts = people.counts || jsonb_build_object($2::text,"
    " coalesce((people.counts->>$2)::bigint, 0) + 1), last = excluded.last,"
    " events = people.events + 1";

class Session {
 public:
  explicit Session(const std::string& folder)
      : connection_(
            PQconnectdb(base::StrCat("host=", folder, " user=peer dbname=postgres").c_str())) {
    Check(PQstatus(connection_) == CONNECTION_OK);
  }
  ~Session() { PQfinish(connection_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Do(const char* statement) {
    PGresult* result = PQexec(connection_, statement);
    Check(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
  }
  void Prepare(const char* name, const char* statement) {
    PGresult* result = PQprepare(connection_, name, statement, 0, nullptr);
    Check(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
  }
  void BeginPipeline() { Check(PQenterPipelineMode(connection_) == 1); }
  void Send(const char* name, const std::vector<const char*>& values) {
    Check(PQsendQueryPrepared(connection_, name, static_cast<int>(values.size()), values.data(),
                              nullptr, nullptr, 0) == 1);
    ++sent_;
  }
  // Everything sent since the last time is one transaction; returns when it is durable.
  void Commit() {
    Check(PQpipelineSync(connection_) == 1);
    for (; sent_ > 0; --sent_) {
      PGresult* result = PQgetResult(connection_);
      Check(PQresultStatus(result) == PGRES_COMMAND_OK);
      PQclear(result);
      Check(PQgetResult(connection_) == nullptr);
    }
    PGresult* result = PQgetResult(connection_);
    Check(PQresultStatus(result) == PGRES_PIPELINE_SYNC);
    PQclear(result);
  }

 private:
  void Check(bool good) const {
    if (!good) std::fprintf(stderr, "%s\n", PQerrorMessage(connection_));
    BATUTA_CHECK(good);
  }

  PGconn* connection_;
  size_t sent_ = 0;
};

struct Row {
  std::string id;
  std::string person;
  std::string name;
  std::string body;
};

std::string Between(const std::string& text, std::string_view before) {
  const size_t start = text.find(before) + before.size();
  return text.substr(start, text.find('"', start) - start);
}

std::vector<Row> MakeRows(Crowd& crowd, size_t count) {
  base::Random random(8, {}, "peer", "");
  const Draw draw(crowd.size(), /*zipf=*/true);
  std::vector<Row> rows;
  for (size_t i = 0; i < count; ++i) {
    Row& row = rows.emplace_back();
    const size_t person = draw.Next(random);
    row.body = crowd.Event(person, false);
    row.person = crowd.UserId(person);
    row.id = Between(row.body, R"("messageId":")");
    row.name = Between(row.body, R"("event":")");
  }
  return rows;
}

// In the order of the people within each batch: two connections would else wait for each other's
// rows in a circle.
void Send(const std::string& folder, std::vector<Row>& rows, size_t first, size_t last) {
  Session session(folder);
  session.Prepare("insert", kInsert);
  session.Prepare("upsert", kUpsert);
  session.BeginPipeline();
  for (size_t begin = first; begin < last; begin += kBatch) {
    const auto from = rows.begin() + static_cast<ptrdiff_t>(begin);
    const auto to = rows.begin() + static_cast<ptrdiff_t>(std::min(begin + kBatch, last));
    std::sort(from, to, [](const Row& a, const Row& b) { return a.person < b.person; });
    for (auto row = from; row != to; ++row) {
      session.Send("insert",
                   {row->id.c_str(), row->person.c_str(), row->name.c_str(), row->body.c_str()});
      session.Send("upsert", {row->person.c_str(), row->name.c_str()});
    }
    session.Commit();
  }
}

// Of the server and its children, in seconds.
double ServerCpu(int server) {
  double ticks = 0;
  DIR* processes = opendir("/proc");
  while (const dirent* entry = readdir(processes)) {
    std::ifstream file(base::StrCat("/proc/", entry->d_name, "/stat"));
    std::string text;
    if (!std::getline(file, text) || text.find(')') == std::string::npos) continue;
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string state;
    int parent = 0;
    rest >> state >> parent;
    if (parent != server && std::atoi(entry->d_name) != server) continue;
    std::string skipped;
    for (int i = 0; i < 9; ++i) rest >> skipped;
    double user = 0;
    double system = 0;
    rest >> user >> system;
    ticks += user + system;
    if (std::atoi(entry->d_name) != server) continue;
    double user_of_ended = 0;
    double system_of_ended = 0;
    rest >> user_of_ended >> system_of_ended;
    ticks += user_of_ended + system_of_ended;
  }
  closedir(processes);
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void Measure(const std::string& folder, int server, size_t events) {
  Session setup(folder);
  setup.Do(kTables);
  const Folder vault_folder;
  BenchHub hub(vault_folder.path() + "/hub");
  Crowd crowd(hub.hub().vault(), kPartitions, kPeople);
  std::vector<Row> rows = MakeRows(crowd, events);
  Send(folder, rows, 0, std::min<size_t>(events, 5'000));  // warm-up; the rest are new ids
  const size_t first = std::min<size_t>(events, 5'000);
  const size_t half = first + (events - first) / 2;
  const double cpu = ServerCpu(server);
  const int64_t client_cpu = ProcessCpuMicros();
  const int64_t start = WallMicros();
  std::thread other([&] { Send(folder, rows, first, half); });
  Send(folder, rows, half, events);
  other.join();
  const auto wall = static_cast<double>(WallMicros() - start);
  const auto count = static_cast<double>(events - first);
  std::printf("peer events a second %.0f /s\n", count * 1e6 / wall);
  std::printf("peer CPU per event, server only %.1f us\n", (ServerCpu(server) - cpu) * 1e6 / count);
  std::printf("peer CPU per event, client %.1f us\n",
              static_cast<double>(ProcessCpuMicros() - client_cpu) / count);
  std::printf("load average %.1f\n\n", LoadAverage());
}

}  // namespace
}  // namespace batuta::bench

int main(int count, char** words) {
  batuta::base::TrustTheOrderOfLocks();  // as the program does
  if (count != 4) {
    std::fputs("usage: peer_postgres SOCKET_FOLDER SERVER_PID EVENTS\n", stderr);
    return 2;
  }
  batuta::bench::Measure(words[1], std::atoi(words[2]), std::strtoull(words[3], nullptr, 10));
  return 0;
}
