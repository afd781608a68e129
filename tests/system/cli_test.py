"""The command line as people meet it: help, suggestions, exit codes, forms of output.

The help texts are kept in golden/help.txt; BATUTA_GOLDEN=write writes them anew.
"""

import json
import os
import re

from harness import Hub, check, check_equal, run, run_cli

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "help.txt")


def commands():
    """Every command, as the completion knows them."""
    ran = run_cli("completion", "bash")
    check_equal(ran.code, 0, ran.err)
    return sorted(re.findall(r'^    "batuta ?([^"]*)"\*\)', ran.out, re.MULTILINE))


def test_help():
    text = ""
    for command in commands():
        ran = run_cli(*command.split(), "--help")
        check_equal((ran.code, ran.err), (0, ""), f"batuta {command} --help")
        text += f"$ batuta {command}".rstrip() + f" --help\n{ran.out}\n"
    for line in text.splitlines():
        check(len(line) <= 80, f"{len(line)} columns: {line}")
    if os.environ.get("BATUTA_GOLDEN") == "write":
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write(text)
    with open(GOLDEN, encoding="utf-8") as file:
        check_equal(text.splitlines(), file.read().splitlines(), "help texts")
    bare = run_cli()
    check_equal((bare.code, bare.err), (0, ""), "no arguments")
    check_equal(len(re.findall(r"^  batuta ", bare.out, re.MULTILINE)), 3, "examples")


def test_usage():
    for arguments, said in (
            (["peeple", "show", "x:1"], "did you mean people?"),
            (["people", "shwo", "x:1"], "did you mean show?"),
            (["stats", "--ouptut", "json"], "did you mean --output?"),
            (["stats", "-o", "xml"], "table, json, ndjson and csv"),
            (["stats", "extra"], "one argument too many"),
            (["people", "show"], "PERSON"),
            (["people", "show", "nobody"], "TYPE:VALUE"),
            (["decide"], "--user and --placement"),
            (["decide", "--segment", "vip"], "--placement and --out"),
            (["decide", "--everybody", "--segment", "vip", "--placement", "p", "--out", "-"],
             "--segment or --everybody"),
            (["decide", "--everybody", "--user", "u", "--placement", "p", "--out", "-"],
             "are for one"),
            (["decide", "--everybody", "--placement", "p", "--out", "-", "--limit", "-1"],
             "1 or more"),
            (["people", "timeline", "a:b", "--limit", "many"], "--limit")):
        ran = run_cli(*arguments)
        check_equal((ran.code, ran.out), (2, ""), f"{arguments}: {ran.err}")
        check(said in ran.err, f"{arguments}: {ran.err}")
    ran = run_cli("stats", "--server", "http://127.0.0.1:1", "--key", "x")
    check_equal(ran.code, 1, "no hub there")
    check("batuta serve" in ran.err, ran.err)


def test_config(folder):
    path = folder + "/batuta.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write('listen = "127.0.0.1:1"\n[memory]\ncahce = "1GiB"\n')
    ran = run_cli("serve", "-c", path)
    check_equal(ran.code, 3, ran.err)
    check(path + ":3" in ran.err and "did you mean memory.cache?" in ran.err, ran.err)
    defaults = run_cli("config", "print", "--defaults").out
    with open(path, "w", encoding="utf-8") as file:
        file.write(defaults)
    again = run_cli("config", "print", "-c", path, env={"BATUTA_WORKERS": "5"},
                    cwd=folder).out
    check("workers = 5" in again and "(from BATUTA_WORKERS)" in again, again)
    fresh = run_cli("serve", "--check", "--data", folder + "/none", cwd=folder)
    check_equal(fresh.code, 0, fresh.err)
    check(not os.path.exists(folder + "/none"), "a check makes no folder")


def test_outputs(hub):
    write = hub.client("write")
    for i in range(3):
        write.post("/v1/track", {"userId": "u1", "event": f'Say "{i}", José', "messageId": f"m{i}",
                                 "timestamp": f"2026-01-0{i + 1}T00:00:00Z"})
    write.post("/v1/track", {"userId": "u1"})
    hub.client().settled_stats(3)
    lines = hub.cli("people", "timeline", "user_id:u1")
    check_equal([row["name"] for row in lines.rows],
                ['Say "2", José', 'Say "1", José', 'Say "0", José'], "names, the newest first")
    one = json.loads(hub.cli("people", "timeline", "user_id:u1", "-o", "json", "--limit", "1").out)
    check_equal(len(one), 1, "--limit")
    table = hub.cli("people", "timeline", "user_id:u1", "-o", "table").out.splitlines()
    check_equal(len(table), 4, "lines of the table")
    at = table[0].index("name")
    check_equal([line[at:at + 3] for line in table[1:]], ["Say"] * 3, "a column of the table")
    person = hub.cli("people", "show", "user_id:u1").rows[0]
    check_equal(hub.cli("people", "show", person["id"]).rows[0]["id"], person["id"], "by id")
    shown = hub.cli("people", "show", "user_id:u1", "-o", "table").out
    check(re.search(r'^Say "2", José +1 ', shown, re.MULTILINE), shown)
    rows = hub.cli("people", "timeline", "user_id:u1", "-o", "csv").out
    check('"Say ""2"", José"' in rows and rows.startswith("time,kind,name"), rows)
    rejected = hub.cli("rejections").rows
    check_equal([row["code"] for row in rejected], ["missing_event"], "rejections")
    table = hub.cli("rejections", "-o", "table").out
    check('a track call needs the name of its "event"\n' in table, "the whole reason: " + table)
    check_equal(hub.cli("stats").rows[0]["events"], 3, "events")
    check_equal(hub.cli("people", "show", "user_id:stranger").code, 5, "nobody")
    check("openapi: 3.1" in hub.cli("openapi").out, "the description of the API")


def test_keys(hub):
    made = hub.cli("keys", "create", "--kind", "secret", "--scope", "people:read")
    check_equal(made.code, 0, made.err)
    key = made.rows[0]
    narrow = {"BATUTA_KEY": key["secret"]}
    check_equal(run_cli("--server", hub.url, "people", "show", "user_id:u1", env=narrow).code, 0,
                "what the key may")
    check_equal(run_cli("--server", hub.url, "stats", env=narrow).code, 6, "what it may not")
    check_equal(hub.cli("keys", "create", "--kind", "secret", "--scope", "poeple:read").code, 3,
                "a misspelt scope")
    check(key["id"] in [row["id"] for row in hub.cli("keys", "list").rows], "the key is listed")
    check_equal(hub.cli("keys", "revoke", key["id"]).code, 0, "revoking")
    check_equal(run_cli("--server", hub.url, "people", "show", "user_id:u1", env=narrow).code, 6,
                "a revoked key")
    check_equal(run_cli("--server", hub.url, "stats", "--data", "nowhere").code, 6, "no key")


def test(folder, hubs):
    test_help()
    test_usage()
    test_config(folder)
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start()
    test_outputs(hub)
    test_keys(hub)
    hub.stop()


run(test)
