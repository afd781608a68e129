"""kill -9 again and again while clients write: what was acknowledged is there once, and a batch is
there whole or not at all.

BATUTA_CRASHES is the number of kills (30).
"""

import json
import os
import random
import statistics
import threading
import time

from harness import Hub, check, check_equal, run, track

CRASHES = int(os.environ.get("BATUTA_CRASHES", "30"))
SEED = int(os.environ.get("BATUTA_SEED", str(random.randrange(1 << 30))))
USERS = 40
WRITERS = 3
BATCHES = 5  # acknowledged at least before each kill


class Writer(threading.Thread):
    """Sends batches until the hub is gone. Its file says what was acknowledged, and what may be."""

    def __init__(self, number, cycle, hub, path):
        super().__init__()
        self.number, self.cycle, self.path = number, cycle, path
        self.client = hub.client("write")
        self.random = random.Random(f"{SEED}/{number}/{cycle}")
        self.acknowledged = 0

    def batch(self, count):
        name = f"{self.cycle}-{self.number}-{count}"
        size = self.random.randint(1, 8)
        return [track(f"u{self.random.randrange(USERS)}", "Crash Test", f"{name}-{i}", batch=name)
                for i in range(size)]

    def run(self):
        with open(self.path, "a", encoding="utf-8") as file:
            # A batch without an answer goes again after the crash, as an SDK would send it.
            pending = self.unanswered()
            for count in range(1_000_000):
                batch = pending.pop() if pending else self.batch(count)
                print(json.dumps({"sent": batch}), file=file, flush=True)
                try:
                    answer = self.client.post("/v1/batch", {"batch": batch})
                except OSError:
                    return
                if answer.status == 200:
                    print(json.dumps({"acknowledged": batch}), file=file, flush=True)
                    self.acknowledged += 1

    def unanswered(self):
        lines = read_lines(self.path)
        done = {line["acknowledged"][0]["messageId"] for line in lines if "acknowledged" in line}
        sent = {line["sent"][0]["messageId"]: line["sent"] for line in lines if "sent" in line}
        left = [batch for name, batch in sent.items() if name not in done]
        return [batch for batch in left if self.random.random() < 0.5]


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def crash_again_and_again(hub, paths, dice):
    for cycle in range(CRASHES):
        writers = [Writer(i, cycle, hub, path) for i, path in enumerate(paths)]
        for writer in writers:
            writer.start()
        time.sleep(dice.uniform(0.02, 0.3))
        while sum(writer.acknowledged for writer in writers) < BATCHES:
            check(any(writer.is_alive() for writer in writers), "the hub is gone: " + hub.said())
            time.sleep(0.005)
        hub.kill()
        for writer in writers:
            writer.join()
        hub.start()
        if dice.random() < 0.2:  # and while it starts
            hub.kill()
            hub.start(wait=False)
            time.sleep(dice.uniform(0, 0.1))
            hub.kill()
            hub.start()


def found_messages(hub):
    """How often each message is in the timelines, and the batch that it says it is of."""
    client = hub.client()
    counts, batches = {}, {}
    for user in range(USERS):
        for entry in client.timeline(f"user_id:u{user}"):
            name = entry["messageId"]
            counts[name] = counts.get(name, 0) + 1
            batches.setdefault(entry["properties"]["batch"], set()).add(name)
    return counts, batches


def test(folder, hubs):
    print(f"seed {SEED}")
    hub = Hub(folder + "/data", ["--set", "checkpoint.records=2000", "--set", "checkpoint.every=1s",
                                 "--set", "log.segment=1MiB", "--set", "log.archive_every=1s"])
    hubs.append(hub)
    hub.start()
    paths = [f"{folder}/writer-{i}" for i in range(WRITERS)]
    for path in paths:
        open(path, "w", encoding="utf-8").close()
    crash_again_and_again(hub, paths, random.Random(SEED))

    lines = [line for path in paths for line in read_lines(path)]
    acknowledged = {e["messageId"] for line in lines for e in line.get("acknowledged", [])}
    sizes = {line["sent"][0]["properties"]["batch"]: {e["messageId"] for e in line["sent"]}
             for line in lines if "sent" in line}
    counts, batches = found_messages(hub)
    missing = sorted(acknowledged - counts.keys())
    twice = sorted(name for name, count in counts.items() if count != 1)
    torn = sorted(name for name, found in batches.items() if found != sizes[name])
    check(len(acknowledged) >= BATCHES * CRASHES, f"only {len(acknowledged)} were acknowledged")
    check_equal(missing[:10], [], f"{len(missing)} acknowledged messages are missing")
    check_equal(twice[:10], [], f"{len(twice)} messages are there more than once")
    check_equal(torn[:10], [], f"{len(torn)} batches are there in part")

    # A clean stop keeps all of it, too, and the state is the same when it is folded again.
    before = hub.client().get("/v1/admin/state-hash").json["stateHash"]
    hub.stop()
    hub.start()
    check_equal(hub.client().get("/v1/admin/state-hash").json["stateHash"], before, "state hash")
    hub.stop()
    print(f"{CRASHES} kills, {len(acknowledged)} acknowledged messages, each there once; "
          f"starts {statistics.median(hub.starts):.2f} s, at most {max(hub.starts):.2f} s")


run(test)
