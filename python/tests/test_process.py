"""How the program is started, fed, listened to and ended. A small program stands in for `penny` here:
what is proved is the conduct of the pipes, not what Penny does with the data."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import traceback
import unittest
import warnings
from pathlib import Path
from unittest import mock

import context
import pandas as pd

import penny
from penny import process

SECONDS_MAX = 30

# Its first argument but one, the resource or table, is what it does.
PROGRAM = """
import json, os, signal, sys, time

place = os.environ["STAND_IN_FOLDER"]
command, act = sys.argv[1:3]
if act not in ("refuse", "passing", "panic", "killed", "garbage", "silence", "sleep", "stubborn", "deaf"):
    import pyarrow as pa

def say(text):
    sys.stderr.buffer.write(text.encode("utf-8"))
    sys.stderr.flush()

def answer(columns, metadata=None):
    table = pa.table(columns).replace_schema_metadata(metadata)
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
        writer.write_table(table)

def note(name, text):
    with open(os.path.join(place, name), "w", encoding="utf-8") as file:
        file.write(text)

if act == "arguments":
    answer({"argument": sys.argv[1:]})
elif act == "redshift":
    answer({"sql": [sys.stdin.buffer.read().decode("utf-8")]})
elif act == "surroundings":
    answer({"workspace": [os.environ.get("PENNY_WORKSPACE")], "folder": [os.getcwd()]})
elif act == "refuse":
    say("warning: a remark\\nerror: there is no customer “é”\\n  second line\\nhint: look\\nhint: again\\n")
    sys.exit(2)
elif act == "passing":
    say("error: the connection was lost\\nhint: this may pass by itself: try again in a minute\\n")
    sys.exit(3)
elif act == "panic":
    say("thread main panicked\\nat line 3\\n")
    sys.exit(101)
elif act == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
elif act == "garbage":
    print("hello")
elif act == "silence":
    pass
elif act == "half":
    schema = pa.schema([("id", pa.int64())])
    writer = pa.ipc.new_stream(sys.stdout.buffer, schema)
    writer.write_batch(pa.record_batch([pa.array(range(10))], schema=schema))
    sys.stdout.flush()
    say("error: the connection was lost on page 2\\n")
    sys.exit(3)
elif act == "remarks":
    say("working\\nwarning: one\\nwarning: two\\n")
    answer({"id": [1]}, {"penny.warnings": json.dumps(["two", "three"])})
elif act == "chatter":
    say("x" * 1000000 + "\\nwarning: the last\\n")
    answer({"id": [1]})
elif act == "sleep":
    note("pid", str(os.getpid()))
    time.sleep(600)
elif act == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("pid", str(os.getpid()))
    time.sleep(600)
elif act == "deaf":
    sys.stdin.close()
    time.sleep(0.3)
    say("error: table `deaf` is a view\\n")
    sys.exit(2)
elif act == "load" or command == "load":
    note("began", "")
    table = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    note("complete", str(table.num_rows))
    remarks = json.loads((table.schema.metadata or {}).get(b"penny.warnings", b"[]"))
    say("".join(f"warning: {text}\\n" for text in remarks) + "warning: only said\\npublished: it\\n")
    print(json.dumps({"table": act, "schema": "pennylane", "rows": table.num_rows, "warnings": remarks,
                      "columns_added": sys.argv[3:]}), flush=True)
    if act == "upkeep":
        while not os.path.exists(os.path.join(place, "settled")):
            time.sleep(0.01)
        note("gone", "")
"""


class StandIn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="penny é ")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        program = self.folder / "program.py"
        program.write_text(PROGRAM, encoding="utf-8")
        if os.name == "nt":
            self.program = self.folder / "penny.cmd"
            self.program.write_text(f'@"{sys.executable}" "{program}" %*\n')
        else:
            self.program = self.folder / "penny"
            self.program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
            self.program.chmod(0o755)
        self.set_environment(PENNY_BIN=str(self.program), STAND_IN_FOLDER=str(self.folder))

    def set_environment(self, **variables):
        patch = mock.patch.dict(os.environ, variables)
        patch.start()
        self.addCleanup(patch.stop)

    def refusal(self, call, *arguments, **named):
        """The PennyError of a call."""
        with self.assertRaises(penny.PennyError) as raised:
            call(*arguments, **named)
        return raised.exception

    def wait_for(self, name):
        deadline = time.monotonic() + SECONDS_MAX
        while not (self.folder / name).exists() or not (self.folder / name).read_text():
            self.assertLess(time.monotonic(), deadline, f"the program never wrote {name}")
            time.sleep(0.02)
        return (self.folder / name).read_text()


class Starting(StandIn):
    def test_the_arguments_of_a_list(self):
        frame = penny.pennylane(
            "arguments",
            filter=("date", ">=", "2026-01-01"),
            sort="-date",
            limit=5,
            since="2026-01-01",
            period_start=pd.Timestamp("2026-01-01"),
        )
        self.assertEqual(
            frame["argument"].tolist(),
            [
                "fetch",
                "arguments",
                "--format",
                "arrow",
                '--filter=[{"field": "date", "operator": "gteq", "value": "2026-01-01"}]',
                "--sort=-date",
                "--limit=5",
                "--since=2026-01-01T00:00:00.000000Z",
                "--param=period_start=2026-01-01",
            ],
        )

    def test_a_query_travels_on_standard_input(self):
        long = "SELECT 'é' -- " + "x" * 300_000
        self.assertEqual(penny.redshift(long)["sql"][0], long)
        self.assertEqual(penny.redshift("SELECT 10 % 3")["sql"][0], "SELECT 10 % 3")
        self.assertEqual(penny.redshift("SELECT %(a)s", {"a": "l'été"})["sql"][0], "SELECT 'l''été'")

    def test_the_program_sees_the_workspace_and_the_folder(self):
        self.set_environment(PENNY_WORKSPACE="/là bas")
        frame = penny.pennylane("surroundings")
        self.assertEqual(frame["workspace"][0], "/là bas")
        self.assertEqual(os.path.realpath(frame["folder"][0]), os.path.realpath(os.getcwd()))

    def test_without_the_program_a_sentence_says_how_to_get_it(self):
        self.set_environment(PENNY_BIN=str(self.folder / "nowhere"))
        error = self.refusal(penny.pennylane, "customers")
        self.assertIn("nowhere", str(error))
        self.assertIn("hint: ", str(error))
        self.set_environment(PENNY_BIN="", PATH=str(self.folder / "empty"))
        self.assertIn("was not found", str(self.refusal(penny.pennylane, "customers")))

    def test_the_program_is_found_on_the_path(self):
        self.set_environment(PENNY_BIN="", PATH=f"{self.folder}{os.pathsep}{os.environ['PATH']}")
        self.assertEqual(os.path.realpath(process.program()), os.path.realpath(self.program))

    def test_a_program_that_cannot_run_is_a_sentence(self):
        wrong = self.folder / "wrong"
        wrong.write_bytes(b"\0\1\2")
        self.set_environment(PENNY_BIN=str(wrong))
        self.assertIn("could not be started", str(self.refusal(penny.pennylane, "customers")))


class Failing(StandIn):
    def test_the_programs_sentence_and_hint_are_the_error(self):
        error = self.refusal(penny.pennylane, "refuse")
        self.assertEqual(str(error), "there is no customer “é”\n  second line\nhint: look\nhint: again")

    def test_a_program_that_says_nothing_is_quoted(self):
        self.assertIn("exit status 101", str(self.refusal(penny.pennylane, "panic")))
        self.assertIn("at line 3", str(self.refusal(penny.pennylane, "panic")))

    @unittest.skipIf(os.name == "nt", "Windows has no signals")
    def test_a_program_that_was_killed_is_said_to_be(self):
        self.assertIn("SIGKILL", str(self.refusal(penny.pennylane, "killed")))

    def test_an_answer_that_is_no_table_is_a_sentence(self):
        for act in ["garbage", "silence"]:
            with self.subTest(act=act):
                self.assertIn("cannot be read", str(self.refusal(penny.pennylane, act)))

    def test_half_a_table_is_never_returned(self):
        self.assertEqual(str(self.refusal(penny.pennylane, "half")), "the connection was lost on page 2")

    def test_what_may_pass_by_itself_is_told_apart(self):
        self.assertIs(type(self.refusal(penny.pennylane, "passing")), penny.TemporaryError)
        self.assertIs(type(self.refusal(penny.pennylane, "refuse")), penny.PennyError)
        self.assertIs(type(self.refusal(penny.pennylane, "panic")), penny.PennyError)

    @unittest.skipIf(os.name == "nt", "signals")
    def test_a_program_that_was_killed_may_go_well_the_next_time(self):
        self.assertIs(type(self.refusal(penny.pennylane, "killed")), penny.TemporaryError)

    def test_a_program_that_stops_listening_tells_why_itself(self):
        frame = pd.DataFrame({"t": ["x" * 1000] * 50_000})
        self.assertEqual(str(self.refusal(penny.publish, frame, "deaf")), "table `deaf` is a view")

    def test_the_traceback_is_the_callers_line_and_one_of_ours(self):
        try:
            penny.pennylane("refuse")
        except penny.PennyError as error:
            frames = traceback.extract_tb(error.__traceback__)
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        ours = [frame for frame in frames if Path(frame.filename).parent.name == "penny"]
        self.assertLessEqual(len(ours), 1)
        self.assertNotIn("subprocess", text)
        self.assertNotIn("During handling", text)
        self.assertIn("penny.PennyError: there is no customer", text)


class Remarks(StandIn):
    def test_each_remark_is_warned_once(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            penny.pennylane("remarks")
        self.assertEqual([str(one.message) for one in caught], ["one", "two", "three"])
        self.assertEqual({one.category for one in caught}, {penny.PennyWarning})

    def test_the_same_remark_is_warned_at_every_call(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            penny.pennylane("remarks")
            penny.pennylane("remarks")
        self.assertEqual(len(caught), 6)

    def test_a_flood_on_standard_error_blocks_nothing(self):
        with self.assertWarnsRegex(penny.PennyWarning, "the last"):
            penny.pennylane("chatter")


class Sending(StandIn):
    def test_the_whole_stream_reaches_the_program(self):
        frame = pd.DataFrame({"a": range(200_000), "b": "x"})
        with self.assertWarnsRegex(penny.PennyWarning, "only said"):
            publication = penny.publish(frame, "t", key=["a", "b"], schema="s", drop_missing=True)
        self.assertEqual(publication.rows, 200_000)
        self.assertEqual(publication.columns_added, ["--schema=s", "--key=a,b", "--drop-missing"])

    def test_a_remark_of_the_report_is_not_warned_again(self):
        frame = pd.DataFrame({"a": ["x", 1]}, dtype=object)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            publication = penny.publish(frame, "t")
        self.assertEqual([str(one.message) for one in caught], ["only said"])
        self.assertIn("str in row 1, int in row 2", publication.warnings[0])

    def test_nobody_waits_for_what_follows_the_report_but_the_end(self):
        code = (
            "import penny, pandas as pd, pathlib, sys\n"
            "place = pathlib.Path(sys.argv[1])\n"
            "print(penny.publish(pd.DataFrame({'a': [1]}), 'upkeep').rows, (place / 'gone').exists())\n"
            "(place / 'settled').touch()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(self.folder)],
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            cwd=context.PYTHON,
        )
        self.assertEqual(done.stdout.split(), ["1", "False"], done.stderr)
        self.assertTrue((self.folder / "gone").exists())

    def test_a_stream_that_fails_half_way_never_looks_complete(self):
        outgoing = penny.publication.Outgoing(pd.DataFrame({"a": range(100_000)}))

        def write(pipe):
            batches = outgoing.batches()
            writer = penny.sending.pa.ipc.new_stream(pipe, outgoing.schema)
            writer.write_batch(next(batches))
            pipe.flush()
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            process.call(["load", "load"], write=write, read=lambda pipe: pipe.read())
        self.assertFalse((self.folder / "complete").exists())


@unittest.skipIf(os.name == "nt", "Windows interrupts a console, not a process")
class Interrupting(StandIn):
    def interrupt(self, act, seconds_max):
        code = textwrap.dedent(f"""
            import signal, sys
            # Whoever runs the tests in the background may have had interrupts ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.path.insert(0, {str(context.PYTHON)!r})
            import penny
            try:
                penny.pennylane({act!r})
            except KeyboardInterrupt:
                sys.exit(42)
        """)
        caller = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        self.addCleanup(caller.kill)
        pid = int(self.wait_for("pid"))
        began = time.monotonic()
        caller.send_signal(signal.SIGINT)
        self.assertEqual(caller.wait(SECONDS_MAX), 42)
        self.assertLess(time.monotonic() - began, seconds_max)
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_an_interrupt_ends_the_program_and_is_raised(self):
        self.interrupt("sleep", 5)

    def test_a_program_that_will_not_end_is_killed(self):
        self.interrupt("stubborn", 10)


if __name__ == "__main__":
    unittest.main()
