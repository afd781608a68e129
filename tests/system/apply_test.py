"""Resources: every mistake at once with its place; what would change before it changes; decisions by
them, explained and made again with the same bytes."""

import os
import time

from harness import ROOT, Hub, check, check_equal, run, track

WRONG = """\
kind: action
name: card
spec:
  class: maketing
  valeu: {amount: "1.00", currency: MXN}
---
kind: treatment
name: card-web
spec: {action: crad, channel: web, placements: [web.home.hero], variants: [{name: a, content: {text: Hi}}]}
---
kind: placement
name: web.home.hero
spec: {channel: web, slots: 0}
"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def test_mistakes(hub, folder):
    path = write(folder + "/wrong.yaml", WRONG)
    ran = hub.cli("apply", path, "--yes")
    check_equal(ran.code, 3, "exit code: " + ran.err)
    for place in (":4:", ":5:", ":9:", ":13:"):
        check(path + place in ran.err, f"no mistake at {place} in\n{ran.err}")
    check("did you mean" in ran.err, ran.err)
    path = write(folder + "/broken.yaml", "kind: action\nname: [\n")
    ran = hub.cli("apply", path)
    check_equal(ran.code, 3, "exit code of broken YAML")
    check(path + ":" in ran.err, ran.err)
    check_equal(hub.cli("apply", folder + "/nowhere").code, 5, "exit code of no such folder")
    check_equal(hub.client().get("/v1/stats").json["definitionsVersion"], 0, "version")


def test_apply(hub, folder):
    company = os.path.join(ROOT, "samples/company")
    dry = hub.cli("apply", company, "--dry-run", "-o", "table")
    check_equal(dry.code, 0, dry.err)
    check("+ action " in dry.out and "unchanged" in dry.out, dry.out)
    asked = hub.cli("apply", company)
    check_equal(asked.code, 2, "nobody to ask and no --yes")
    check_equal(hub.client().get("/v1/stats").json["definitionsVersion"], 0, "nothing applied yet")
    done = hub.cli("apply", company, "--yes")
    check_equal(done.code, 0, done.err)
    check("applied as version 1" in done.err, done.err)
    again = hub.cli("apply", company, "--yes", "-o", "table")
    check_equal(again.code, 0, again.err)
    check(again.out.startswith("+0 ~0 -0"), again.out)
    changed = write(folder + "/changed.yaml",
                    "kind: source\nname: web\nspec: {title: Another title}\n")
    diff = hub.cli("apply", changed, "--dry-run", "-o", "table")
    check("~ source web" in diff.out and "Another title" in diff.out, diff.out)


def test_decisions(hub):
    for user in range(5):
        ran = hub.cli("decide", "--user", f"u{user}", "--placement", "web.home.hero", "--explain")
        check_equal(ran.code, 0, ran.err)
        decision = ran.rows[0]
        check(decision["id"].startswith("dec_"), ran.out)
        total = sum(one["probability"] for one in decision["actions"])
        check(0 < total <= len(decision["actions"]), ran.out)
        explained = hub.cli("explain", decision["id"], "--lang", "es")
        check_equal(explained.code, 0, explained.err)
        check(explained.rows[0]["considered"], "nothing was considered")
        replayed = hub.cli("replay", decision["id"])
        check_equal(replayed.code, 0, replayed.err)
        check_equal(replayed.rows[0]["equal"], True, "the replayed bytes")
    wrong = hub.cli("decide", "--user", "u1", "--placement", "web.home.hreo")
    check_equal(wrong.code, 3, "exit code of a misspelt placement")
    check('/placement: there is no such placement; did you mean "web.home.hero"?' in wrong.err,
          wrong.err)
    check_equal(hub.cli("explain", "dec_nonsense").code in (3, 5), True, "a decision that is not")
    table = hub.cli("decide", "--user", "u1", "--placement", "web.home.hero", "--explain", "-o",
                    "table")
    check("probability" in table.out, table.out)


OFFER = """\
kind: hub
spec: {currency: MXN, timeZone: America/Mexico_City}
---
kind: action
name: card
spec: {title: Card, value: {amount: "100.00", currency: MXN}, accept: {event: Card Requested}}
---
kind: placement
name: hero
spec: {channel: web, ignoredAfter: 1s, choice: {method: greedy, floor: 0}}
---
kind: treatment
name: card-web
spec: {action: card, channel: web, placements: [hero], variants: [{name: a, content: {text: Hi}}]}
"""


def test_lives(hub, folder):
    """A choice is accepted through the API, accepted by an event, or ignored by time."""
    write(folder + "/offer.yaml", OFFER)
    ran = hub.cli("apply", folder + "/offer.yaml", "--yes")
    check_equal(ran.code, 0, ran.err)
    client = hub.client()

    def stage_of(path, wanted, seconds=120):
        end = time.monotonic() + seconds
        while True:
            stage = client.get(path).json["life"][0]["stage"]
            if stage == wanted or time.monotonic() > end:
                return stage
            time.sleep(0.02)

    for user, wanted in (("api", "accepted"), ("event", "accepted"), ("nothing", "ignored")):
        made = client.post("/v1/decisions", {"person": {"userId": user}, "placement": "hero"}).json
        path = "/v1/decisions/" + made["id"]
        check_equal(client.post(path + "/outcomes", {"type": "impression"}).json,
                    {"recorded": True}, "the impression")
        if user == "api":
            client.post(path + "/outcomes", {"type": "accept"})
        elif user == "event":
            hub.client("write").post("/v1/track", track(user, "Card Requested", "e1"))
        check_equal(stage_of(path, wanted), wanted, user)
        check_equal(hub.cli("replay", made["id"]).rows[0]["equal"], True, "the replayed bytes")


def test(folder, hubs):
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start()
    test_mistakes(hub, folder)
    test_apply(hub, folder)
    test_decisions(hub)
    hub.stop()
    small = Hub(folder + "/small")
    hubs.append(small)
    small.start()
    test_lives(small, folder)
    small.stop()
    # Resources can also come with the start, and again with every one.
    other = Hub(folder + "/other", ["--resources", os.path.join(ROOT, "samples/company")])
    hubs.append(other)
    for _ in range(2):
        other.start()
        check_equal(other.client().get("/v1/stats").json["definitionsVersion"], 1, "version")
        other.stop()


run(test)
