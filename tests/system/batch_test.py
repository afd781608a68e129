"""batuta decide --out against the real program: the file, Ctrl-C of the command, Ctrl-C of the hub."""

import csv
import os
import signal
import subprocess
import time

from harness import BATUTA, Hub, check, check_equal, run, wait_for

PEOPLE = 20_000
PLACES = 100

SHOP = """
{kind: hub, spec: {currency: MXN, timeZone: UTC}}
---
{kind: trait, name: tier, spec: {type: number}}
---
{kind: placement, name: mail, spec: {channel: email, direction: outbound, expiresAfter: 7d}}
---
{kind: capacity, name: places, spec: {max: %d, per: month}}
---
""" % PLACES + "---\n".join(
    f"""kind: action
name: offer-{tier}
spec: {{title: O, eligible: person.traits.tier == {tier}.0, value: {{amount: "{tier + 1}00.00", currency: MXN}}}}
---
kind: treatment
name: mail-{tier}
spec: {{action: offer-{tier}, channel: email, placements: [mail], variants: [{{name: a, content: {{}}}}]}}
""" for tier in range(10))


def batch(hub, *arguments):
    """The command, running."""
    command = [BATUTA, "--server", hub.url, "--data", hub.folder, "decide", "--everybody",
               "--placement", "mail", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def jobs(hub):
    return hub.client().get("/v1/jobs").json["data"]


def fill(hub, folder):
    with open(folder + "/shop.yaml", "w", encoding="utf-8") as file:
        file.write(SHOP)
    ran = hub.cli("apply", folder + "/shop.yaml", "--yes")
    check_equal(ran.code, 0, ran.err)
    client = hub.client("write")
    for begin in range(0, PEOPLE, 2000):
        calls = [{"type": "identify", "userId": f"u{i}", "traits": {"tier": i % 10}}
                 for i in range(begin, begin + 2000)]
        check_equal(client.post("/v1/batch", {"batch": calls}).status, 200, "batch")
    hub.client().settled_stats(PEOPLE, "people")


def test_interrupted(hub, folder):
    command = batch(hub, "--out", folder + "/never.csv", "--dry-run")
    wait_for(lambda: any(job["state"] == "running" for job in jobs(hub)), "a job that runs")
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=60)
    check_equal(command.returncode, 130, err)
    check("cancelled" in err, err)
    wait_for(lambda: jobs(hub)[0]["state"] == "cancelled", "the end of the job")
    check(not os.path.exists(folder + "/never.csv"), "a file of a job that was cancelled")


def test_file(hub, folder):
    ran = batch(hub, "--out", folder + "/all.csv")
    _, err = ran.communicate(timeout=300)
    check_equal(ran.returncode, 0, err)
    check(f"capacity places: {PLACES} of {PLACES} taken" in err, err)
    with open(folder + "/all.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    check_equal({row["action"] for row in rows}, {"offer-9"}, "who is worth most")
    check_equal(len({row["personId"] for row in rows}), PLACES, "people")
    check_equal(hub.client().get("/v1/stats").json["decisions"], PLACES, "recorded decisions")
    again = batch(hub, "--out", "-", "-o", "ndjson")
    out, err = again.communicate(timeout=300)
    check_equal((again.returncode, out), (0, ""), "nothing is left: " + err)
    wrong = batch(hub, "--out", "-", "--slots", "2")
    _, err = wrong.communicate(timeout=60)
    check_equal(wrong.returncode, 3, err)
    check("/slots" in err, err)


def test_hub_ends(hub):
    started = hub.client().post("/v1/placements/mail:decideAll", {"dryRun": True})
    check_equal(started.status, 202, started.body)
    begun = time.monotonic()
    hub.stop()
    check(time.monotonic() - begun < 60, "the end of the hub waits for a job")
    hub.start()
    check_equal(jobs(hub), [], "jobs of another process")
    check_equal(os.listdir(os.path.join(hub.folder, "jobs")), [], "what jobs have left")


def test(folder, hubs):
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start()
    fill(hub, folder)
    test_interrupted(hub, folder)
    test_file(hub, folder)
    test_hub_ends(hub)
    hub.stop()


run(test)
