"""Erasing a person: nothing of them can be read afterwards, here, after a restart, or in a backup that is
restored with the ledger of erasures."""

import os
import shutil

from harness import Hub, check, check_equal, run, run_cli

EMAIL = "ana.lopez.secreta@uno.mx"
NAME = "Ana Secreta"


def send(hub):
    write = hub.client("write")
    events = [{"type": "identify", "userId": "ana", "messageId": "e1",
               "traits": {"email": EMAIL, "firstName": NAME, "city": "Mérida"}},
              {"type": "track", "userId": "ana", "anonymousId": "web-7", "event": "Visit", "messageId": "e2",
               "properties": {"email": EMAIL}},
              {"type": "identify", "userId": "eva", "messageId": "e3",
               "traits": {"email": "eva@uno.mx", "firstName": "Eva"}}]
    check_equal(write.post("/v1/batch", {"batch": events}).status, 200, "sending")
    check_equal(hub.client().settled_stats(3)["events"], 3, "events")


def check_gone(hub):
    for person in ("user_id:ana", f"email:{EMAIL}"):
        check_equal(hub.cli("people", "show", person).code, 5, f"{person} can be found")
        check_equal(hub.cli("people", "timeline", person).code, 5, f"{person} has a timeline")
    ran = hub.cli("people", "show", "user_id:eva")
    check_equal(ran.code, 0, "another person is still there")
    check("eva@uno.mx" in ran.out, ran.out)


def check_never_in_clear(folder):
    """Personal values are sealed before they reach the disk."""
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                content = file.read()
            for text in (EMAIL, NAME):
                check(text.encode() not in content, f"{text} stands in {path}/{name}")


def test(folder, hubs):
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start()
    send(hub)
    check(EMAIL in hub.cli("people", "show", "user_id:ana").out, "the address before the erasure")
    check_equal(hub.cli("backup", folder + "/backup").code, 0, "backup")
    check_equal(hub.cli("erase", "user_id:ana").code, 2, "nobody to ask and no --yes")
    ran = hub.cli("erase", "user_id:ana", "--yes")
    check_equal(ran.code, 0, ran.err)
    check_gone(hub)
    check_equal(hub.cli("erase", "user_id:nobody", "--yes").code, 5, "erasing nobody")
    hub.stop()
    ledger = hub.folder + "/vault/" + ledger_name(hub.folder)
    check(os.path.getsize(ledger) > 0, "the keys were not destroyed before the hub ended")
    check_never_in_clear(hub.folder)
    hub.start()
    check_gone(hub)
    # Who comes again is somebody new.
    hub.client("write").post("/v1/track", {"userId": "ana", "event": "Back", "messageId": "e4"})
    hub.client().settled_stats(4)
    entries = hub.client().timeline("user_id:ana")
    check_equal([e.get("name") for e in entries], ["Back"], "the new person's timeline")
    hub.stop()

    key = hub.folder + "/master.key"
    ledger = folder + "/ledger"
    shutil.copy(hub.folder + "/vault/" + ledger_name(hub.folder), ledger)
    ran = run_cli("restore", folder + "/backup", folder + "/restored", "--master-key-file", key,
                  "--ledger", ledger)
    check_equal(ran.code, 0, ran.err)
    check(ran.rows[0]["erasures"] > 0, "the ledger added no erasure: " + ran.out)
    check_equal(ran.rows[0]["peopleErased"], 1, "people erased again")
    restored = Hub(folder + "/restored", ["--master-key-file", key])
    hubs.append(restored)
    restored.start()
    shutil.copy(hub.folder + "/admin.key", restored.folder)
    check_gone(restored)
    check_equal(restored.cli("people", "show", "anonymous_id:web-7").code, 5, "a device of hers")
    stats = restored.client().get("/v1/stats").json
    check_equal((stats["people"], stats["erasures"]), (1, 1), "people and erasures")
    restored.stop()


def ledger_name(folder):
    return next(name for name in os.listdir(folder + "/vault") if "ledger" in name)


run(test)
