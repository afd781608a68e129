// What a customer of the demo does in one visit: on the website, in the app, on the telephone. The
// events go out as an SDK would send them, decisions are asked for and reported on as a channel
// would.
//
// A visitor plays all customers in turn, one visit at a time; each thread has one.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "server/demo_api.h"
#include "server/demo_company.h"
#include "server/demo_customer.h"
#include "server/demo_event.h"
#include "server/demo_ledger.h"
#include "server/demo_truth.h"

namespace batuta::server {

struct VisitorOptions {
  Truth truth;
  std::string name;  // no other visitor has, or ever had, the same one
  const Company* company = nullptr;
  Ledger* ledger = nullptr;
  base::Clock* clock = nullptr;
};

class Visitor {
 public:
  Visitor(VisitorOptions options, DemoApi api);

  // Blocks until the visit is over. What goes wrong is in the ledger.
  void Visit();

  base::Random& random() { return random_; }

 private:
  // A visit under way.
  struct Scene {
    const Customer& who;
    std::string_view source;
    std::string user_id;  // empty: nobody has logged in
    std::string anonymous_id;
    std::string device_id;
    std::vector<std::string> calls;  // not yet sent
  };

  bool Chance(double p) { return random_.Uniform() < p; }
  void BrowseTheWeb(const Customer& who);
  void OpenTheApp(const Customer& who);
  void Telephone(const Customer& who);
  // Both last until the next Send.
  void Do(Scene& scene, std::string_view type, std::string_view name);
  void Add(Scene& scene, Call call);
  void LogIn(Scene& scene);
  void DoBusiness(Scene& scene);
  bool Send(Scene& scene);

  void AskAt(Scene& scene, std::string_view placement);
  // Whether the customer looks at the slot, and what comes of it.
  void Face(Scene& scene, std::string_view placement, const Answer& answer, const Offered& offer);
  std::string_view Accept(Scene& scene, const Answer& answer, const Offered& offer);
  void KeepScore(const Customer& who, std::string_view placement, Answer& answer);
  void Show(const Scene& scene, std::string_view placement, const Answer& answer);
  bool MayExplain();

  VisitorOptions options_;
  DemoApi api_;
  base::Random random_;
  uint64_t calls_made_ = 0;
  // Calls that arrive long after they happened, or once more; with their source.
  std::deque<std::pair<std::string, std::string>> delayed_;
  std::string outcome_;  // of the first offer of this visit
  base::Duration explain_second_{};
  int explained_ = 0;  // in that second
};

}  // namespace batuta::server
