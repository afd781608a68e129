"""Backup of a hub under load, restored elsewhere; damage is found with its file and byte."""

import glob
import os
import random
import shutil
import subprocess
import threading
import time

from harness import BATUTA, Hub, check, check_equal, run, run_cli, track, wait_for


class Load(threading.Thread):
    """Writes until told to stop; knows what was acknowledged."""

    def __init__(self, hub, number):
        super().__init__()
        self.client, self.number = hub.client("write"), number
        self.acknowledged, self.stopping = [], False

    def run(self):
        count = 0
        while not self.stopping:
            batch = [track(f"u{(count + i) % 30}", "Load", f"{self.number}-{count + i}")
                     for i in range(20)]
            count += 20
            if self.client.post("/v1/batch", {"batch": batch}).status == 200:
                self.acknowledged += [event["messageId"] for event in batch]


def messages(hub):
    client = hub.client()
    return [e["messageId"] for u in range(30) for e in client.timeline(f"user_id:u{u}")]


def hash_of(folder, key):
    ran = run_cli("serve", "--check", "--data", folder, "--master-key-file", key)
    check_equal(ran.code, 0, ran.err)
    return ran.rows[0]["stateHash"]


def test_under_load(hub, folder, hubs):
    loads = [Load(hub, i) for i in range(3)]
    for load in loads:
        load.start()
    while sum(len(load.acknowledged) for load in loads) < 3000:
        check(any(load.is_alive() for load in loads), "the hub is gone: " + hub.said())
        time.sleep(0.01)
    before = {name for load in loads for name in list(load.acknowledged)}
    ran = hub.cli("backup", folder + "/backup")
    check_equal(ran.code, 0, ran.err)
    for load in loads:
        load.stopping = True
        load.join()
    check_equal(hub.cli("backup", folder + "/backup").code, 4, "a backup over another")
    check(not os.path.exists(folder + "/backup/master.key"), "the master key is in the backup")

    key = hub.folder + "/master.key"
    ran = run_cli("restore", folder + "/backup", folder + "/restored", "--master-key-file", key)
    check_equal(ran.code, 0, ran.err)
    check_equal(hash_of(folder + "/restored", key), ran.rows[0]["stateHash"], "state hash")
    restored = Hub(folder + "/restored", ["--master-key-file", key])
    hubs.append(restored)
    restored.start()
    shutil.copy(hub.folder + "/admin.key", restored.folder)
    names = messages(restored)
    check_equal(sorted(before - set(names))[:5], [], "acknowledged before the backup, and not in it")
    check_equal(len(names), len(set(names)), "messages, each once")
    restored.stop()
    check_equal(run_cli("restore", folder + "/backup", folder + "/restored", "--master-key-file",
                        key).code, 4, "restoring over a hub")


def test_quiet(hub, folder):
    """Of a hub at rest a backup restores to the very same state, archive and all."""
    wait_for(lambda: any(map(os.path.getsize, glob.glob(hub.folder + "/archive/*"))),
             "something to be archived")
    ran = hub.cli("backup", folder + "/quiet")
    check_equal(ran.code, 0, ran.err)
    key = hub.folder + "/master.key"
    state = hub.client().get("/v1/admin/state-hash").json["stateHash"]
    ran = run_cli("restore", folder + "/quiet", folder + "/same", "--master-key-file", key)
    check_equal(ran.code, 0, ran.err)
    check_equal(ran.rows[0]["stateHash"], state, "state hash of hub and restored backup")
    wrong = folder + "/wrong.key"
    with open(os.open(wrong, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write("ab" * 32)
    ran = run_cli("restore", folder + "/quiet", folder + "/no", "--master-key-file", wrong)
    check_equal(ran.code, 1, "restoring with another key: " + ran.err)
    check(not os.path.exists(folder + "/no"), "a restore that failed leaves nothing")


def test_killed(hub, folder):
    """The hub is killed while it makes a backup: it comes back as it was, what is left is not taken for a
    backup, and the next one under the same name is whole."""
    key = hub.folder + "/master.key"
    before = hub.client().get("/v1/stats").json
    begun = time.monotonic()
    check_equal(hub.cli("backup", folder + "/timed/").code, 0, "a backup with a slash behind its name")
    seconds = time.monotonic() - begun
    target, broken_off = folder + "/killed", 0
    for _ in range(12):
        backup = subprocess.Popen([BATUTA, "--server", hub.url, "--data", hub.folder, "backup", target],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.2, 1) * seconds)
        hub.kill()
        code = backup.wait()
        hub.start()
        check_equal(hub.client().get("/v1/stats").json, before, "what the hub counted")
        broken_off += os.path.exists(target + ".unfinished")
        if not os.path.exists(target):
            check(code != 0, "a backup was reported that is not there")
            check_equal(hub.cli("backup", target).code, 0, "another backup under that name")
            check(not os.path.exists(target + ".unfinished"), "what was broken off is still there")
        # Each backup is in the audit trail, which is part of the state.
        state = hub.client().get("/v1/admin/state-hash").json["stateHash"]
        ran = run_cli("restore", target, folder + "/again/", "--master-key-file", key)
        check_equal(ran.code, 0, ran.err)
        check_equal(ran.rows[0]["stateHash"], state, "state hash of the restored")
        shutil.rmtree(target)
        shutil.rmtree(folder + "/again")
    print(f"12 kills, {broken_off} in the middle of a backup")


def flip(path, byte):
    with open(path, "r+b") as file:
        file.seek(byte)
        old = file.read(1)
        file.seek(byte)
        file.write(bytes([old[0] ^ 0x10]))


def test_damage(folder):
    backup = folder + "/quiet"
    ran = run_cli("log", "verify", backup)
    check_equal(ran.code, 0, ran.err)
    check_equal([row["result"] for row in ran.rows], ["good", "good"], "verdicts")
    check(sum(row["records"] for row in ran.rows) > 1000, ran.out)
    segment = sorted(glob.glob(backup + "/log/*.seg"))[0]
    archives = sorted(path for path in glob.glob(backup + "/archive/*") if os.path.getsize(path))
    check(archives, "nothing was archived")
    for path in (segment, archives[0]):
        byte = os.path.getsize(path) // 3 if path in archives else 4096
        flip(path, byte)
        ran = run_cli("log", "verify", backup)
        check_equal(ran.code, 1, f"a flipped byte of {path} is not found")
        check(os.path.basename(path) in ran.err and "byte" in ran.err, ran.err)
        restored = run_cli("restore", backup, folder + "/bad", "--master-key-file",
                           folder + "/data/master.key")
        check(restored.code != 0, "a damaged backup is restored")
        flip(path, byte)
    check_equal(run_cli("log", "verify", backup).code, 0, "whole again")
    check_equal(run_cli("log", "verify", folder + "/nowhere").code, 5, "no such folder")


def test(folder, hubs):
    hub = Hub(folder + "/data", ["--set", "log.segment=256KiB", "--set", "log.archive_every=1s",
                                 "--set", "checkpoint.every=1s"])
    hubs.append(hub)
    hub.start()
    test_under_load(hub, folder, hubs)
    test_quiet(hub, folder)
    test_killed(hub, folder)
    hub.stop()
    test_damage(folder)


run(test)
