import json
import os
import signal
import threading
import time
import unittest
from unittest import mock

from holdfast_localstack import node_process
from holdfast_localstack.environment import InitFailed, Outcome, Stopped
from holdfast_localstack.leftovers import end_marked
from holdfast_localstack.node_process import NodeProcess
from holdfast_localstack.places import Places
from support import call, environment, eventually, is_frozen, is_running, status_of

ECHO = "export const handler = async (event) => event;"
PID = "let calls = 0; export const handler = async () => [process.pid, ++calls];"


def answer(outcome: Outcome):
    return json.loads(outcome.body)


class AnEnvironment(unittest.TestCase):
    def test_answers_what_the_handler_returns(self):
        with environment(ECHO) as it:
            for event in ({"a": [1, "ü\u2028\ud800"]}, None, "x", 0):
                outcome = it.invoke(call(json.dumps(event)))
                self.assertFalse(outcome.failed)
                self.assertEqual(answer(outcome), event)

    def test_answers_null_for_nothing(self):
        with environment("export const handler = async () => {};") as it:
            self.assertEqual(it.invoke(call()).body, "null")

    def test_tells_the_handler_about_its_call(self):
        source = """export const handler = async (_, c) => [c.awsRequestId, c.functionName,
            c.invokedFunctionArn, c.getRemainingTimeInMillis(), process.env._X_AMZN_TRACE_ID];"""
        with environment(source, timeout_s=7) as it:
            asked = call()
            id, name, arn, left_ms, trace = answer(it.invoke(asked))
            self.assertEqual([id, name, arn, trace], [asked.id, "f", asked.arn, asked.trace])
            self.assertTrue(5_000 < left_ms <= 7_000, left_ms)

    def test_shows_its_function_nothing_of_its_host(self):
        os.environ["HOLDFAST_TEST_SECRET"] = "x"
        self.addCleanup(os.environ.pop, "HOLDFAST_TEST_SECRET")
        with environment("export const handler = async () => Object.keys(process.env);") as it:
            self.assertNotIn("HOLDFAST_TEST_SECRET", answer(it.invoke(call())))

    def test_keeps_its_process_from_call_to_call_and_freezes_it_between(self):
        with environment(PID) as it:
            pid, _ = answer(it.invoke(call()))
            eventually(lambda: is_frozen(pid))
            self.assertEqual(answer(it.invoke(call())), [pid, 2])

    def test_lets_nothing_run_between_calls(self):
        source = """let beats = 0; setInterval(() => beats++, 1);
            export const handler = async () => { const seen = beats; beats = 0; return seen; };"""
        with environment(source) as it:
            it.invoke(call())
            time.sleep(0.5)
            self.assertLess(answer(it.invoke(call())), 50)

    def test_takes_and_gives_large_messages(self):
        source = "export const handler = async ({ text }) => text.slice(0, 900_000);"
        with environment(source) as it:
            outcome = it.invoke(call(json.dumps({"text": "a" * 6_000_000})))
            self.assertEqual(len(answer(outcome)), 900_000)

    def test_refuses_an_answer_that_is_too_large_and_serves_on(self):
        source = "export const handler = async (size) => 'a'.repeat(size);"
        with environment(source) as it:
            outcome = it.invoke(call("2000000"))
            self.assertTrue(outcome.failed)
            self.assertEqual(answer(outcome)["errorType"], "Function.ResponseSizeTooLarge")
            self.assertEqual(answer(it.invoke(call("3"))), "aaa")


class AHandler(unittest.TestCase):
    def _of(self, source: str, **variables: str) -> Outcome:
        with environment(source, **variables) as it:
            return it.invoke(call())

    def test_may_be_common_js_and_lie_in_a_folder(self):
        with environment("", start=False, _HANDLER="deep/er/main.a.b") as it:
            folder = it._function.code / "deep" / "er"
            folder.mkdir(parents=True)
            (folder / "main.cjs").write_text("exports.a = { b: async () => __filename };")
            # What is exported begins at the first dot: the module is `main`, and not `main.a`.
            it.start()
            self.assertEqual(answer(it.invoke(call())), str(folder / "main.cjs"))

    def test_that_throws_fails_its_call_and_keeps_its_process(self):
        source = """let calls = 0; export const handler = async () => {
            if (++calls === 1) throw new TypeError('bad'); return calls; };"""
        with environment(source) as it:
            outcome = it.invoke(call())
            self.assertTrue(outcome.failed)
            self.assertEqual(answer(outcome)["errorType"], "TypeError")
            self.assertEqual(answer(outcome)["errorMessage"], "bad")
            self.assertIn("Invoke Error", outcome.logs)
            self.assertNotIn("Status:", outcome.logs)
            self.assertEqual(answer(it.invoke(call())), 2)

    def test_may_throw_anything(self):
        outcome = self._of("export const handler = async () => { throw 'text'; };")
        self.assertEqual(
            answer(outcome), {"errorType": "string", "errorMessage": "text", "trace": []}
        )

    def test_that_returns_what_is_no_json_fails_its_call(self):
        outcome = self._of("export const handler = async () => 1n;")
        self.assertEqual(answer(outcome)["errorType"], "TypeError")

    def test_that_leaves_a_rejection_unhandled_ends_with_status_128(self):
        outcome = self._of(
            """export const handler = async () => {
                Promise.reject(new Error('nobody')); await new Promise(() => {}); };"""
        )
        self.assertEqual(answer(outcome)["errorType"], "Runtime.UnhandledPromiseRejection")
        self.assertEqual(answer(outcome)["errorMessage"], "Error: nobody")
        self.assertIn("Status: error", outcome.logs)

    def test_that_throws_outside_its_promise_ends_with_its_error(self):
        outcome = self._of(
            """export const handler = () => new Promise(() => {
                setTimeout(() => { throw new RangeError('late'); }, 1); });"""
        )
        self.assertEqual(answer(outcome)["errorType"], "RangeError")
        self.assertIn("Uncaught Exception", outcome.logs)

    def test_that_fails_after_its_answer_fails_the_next_call_and_no_other(self):
        source = """let calls = 0; export const handler = async () => {
            if (++calls === 1) setImmediate(() => Promise.reject(new Error('late')));
            return calls; };"""
        with environment(source) as it:
            self.assertEqual(answer(it.invoke(call())), 1)
            outcome = it.invoke(call())
            # Whether it was frozen before or after it ended: either way nobody gets its old error.
            if outcome.failed:
                self.assertEqual(answer(outcome)["errorType"], "Runtime.ExitError")
                self.assertIn("exit status 128", answer(outcome)["errorMessage"])
                outcome = it.invoke(call())
            self.assertEqual(answer(outcome), 1)

    def test_with_a_callback_is_refused_as_the_runtime_does(self):
        with self.assertRaises(InitFailed) as caught:
            self._of("export const handler = (event, context, callback) => callback(null, 1);")
        self.assertEqual(caught.exception.error["errorType"], "Runtime.CallbackHandlerDeprecated")


class AFunctionThatDoesNotLoad(unittest.TestCase):
    def _error(self, source: str, **variables: str) -> str:
        with (
            self.assertRaises(InitFailed) as caught,
            environment(source, **variables),
        ):
            pass
        return caught.exception.error["errorType"]

    def test_is_told_as_the_runtime_tells_it(self):
        for source, variables, error in (
            ("export const other = 1;", {}, "Runtime.HandlerNotFound"),
            ("export const handler = ;", {}, "Runtime.UserCodeSyntaxError"),
            ("import 'nowhere';", {}, "Runtime.ImportModuleError"),
            (ECHO, {"_HANDLER": "else.handler"}, "Runtime.ImportModuleError"),
            (ECHO, {"_HANDLER": "handler"}, "Runtime.MalformedHandlerName"),
            ("throw new RangeError('no')", {}, "RangeError"),
            ("process.exit(4)", {}, "Runtime.ExitError"),
        ):
            with self.subTest(source):
                self.assertEqual(self._error(source, **variables), error)

    def test_says_how_it_exited_and_what_it_printed(self):
        with (
            self.assertRaises(InitFailed) as caught,
            environment("console.log('so far'); process.exit(4)"),
        ):
            pass
        self.assertIn("exit status 4", caught.exception.error["errorMessage"])
        self.assertIn("so far", caught.exception.logs)

    def test_gives_its_place_back(self):
        places = Places[NodeProcess](1)
        for _ in range(2):
            with self.assertRaises(InitFailed), environment("throw 1", places=places):
                pass
        with environment(ECHO, places=places):
            pass


class ACallThatRunsOutOfTime(unittest.TestCase):
    def _ends(self, source: str, event: str = "{}") -> None:
        with environment(source, timeout_s=1) as it:
            pid = it._process.pid
            begin = time.monotonic()
            asked = call(event)
            outcome = it.invoke(asked)
            self.assertGreaterEqual(time.monotonic() - begin, 1)
            self.assertTrue(outcome.failed)
            self.assertEqual(
                answer(outcome),
                {
                    "errorType": "Sandbox.Timedout",
                    "errorMessage": f"RequestId: {asked.id} Error: "
                    "Task timed out after 1.00 seconds",
                },
            )
            self.assertRegex(outcome.logs, f"Z {asked.id} Task timed out after 1.00 seconds\n")
            self.assertIn("Status: timeout", outcome.logs)
            self.assertFalse(is_running(pid))

    def test_is_ended_while_it_waits(self):
        self._ends("export const handler = () => new Promise(() => {});")

    def test_is_ended_while_it_computes(self):
        self._ends("export const handler = () => { for (;;); };")

    def test_is_ended_while_it_floods_its_log(self):
        # It draws breath now and then: node keeps what was written until it may go on to other things.
        source = """export const handler = async () => {
            for (;;) {
                for (let line = 0; line < 100; line++) console.log('x'.repeat(1000));
                await new Promise(setImmediate);
            }
        };"""
        self._ends(source)

    def test_is_ended_while_it_does_not_take_its_event(self):
        # It stands still from the moment that it is thawed, so little of the event is ever read.
        source = """process.on('SIGCONT', () => { for (;;); });
            export const handler = async () => 1;"""
        self._ends(source, json.dumps("a" * 5_000_000))

    def test_leaves_a_new_process_to_the_next_call(self):
        source = """export const handler = async (hang) =>
            hang ? await new Promise(() => {}) : process.pid;"""
        with environment(source, timeout_s=1) as it:
            pid = answer(it.invoke(call("false")))
            it.invoke(call("true"))
            self.assertNotEqual(answer(it.invoke(call("false"))), pid)


class AProcessThatDies(unittest.TestCase):
    def test_fails_its_call_and_says_how(self):
        with environment("export const handler = async (code) => process.exit(code);") as it:
            for code, words in ((3, "exit status 3"), (0, "without providing a reason")):
                outcome = it.invoke(call(str(code)))
                self.assertEqual(answer(outcome)["errorType"], "Runtime.ExitError")
                self.assertIn(words, answer(outcome)["errorMessage"])
                self.assertIn("Status: error", outcome.logs)

    def test_of_a_signal_fails_its_call_and_says_which(self):
        source = "export const handler = async () => process.kill(process.pid, 'SIGKILL');"
        with environment(source) as it:
            self.assertIn("signal: killed", answer(it.invoke(call()))["errorMessage"])

    def test_while_frozen_costs_a_start_and_not_the_call(self):
        with environment(PID) as it:
            pid, _ = answer(it.invoke(call()))
            eventually(lambda: is_frozen(pid))
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: not it._process.alive)
            outcome = it.invoke(call())
            self.assertFalse(outcome.failed)
            self.assertNotEqual(answer(outcome)[0], pid)
            self.assertIn("Init Duration", outcome.logs)

    def test_is_noticed_though_a_child_holds_its_socket(self):
        source = """import { spawn } from 'node:child_process';
            export const handler = async () => {
                spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' }).unref();
                process.exit(5); };"""
        # node keeps its first descriptors from its children. This host has many, as LocalStack has.
        for _ in range(40):
            self.addCleanup(os.close, os.open(os.devnull, os.O_RDONLY))
        with environment(source) as it:
            self.assertIn("exit status 5", answer(it.invoke(call()))["errorMessage"])

    def test_of_too_much_memory_fails_its_call(self):
        source = """export const handler = async () => {
            const held = []; for (;;) held.push(new Array(100_000).fill(0).map(String)); };"""
        with environment(source, timeout_s=60) as it:
            self.assertEqual(answer(it.invoke(call()))["errorType"], "Runtime.ExitError")


class TheLogOfACall(unittest.TestCase):
    def test_holds_all_that_was_printed_before_the_answer(self):
        source = """export const handler = async () => {
            console.log('out'); console.error('err'); process.stdout.write('raw');
            for (let n = 0; n < 2000; n++) console.log(n, 'x'.repeat(100)); };"""
        with environment(source) as it:
            asked = call()
            logs = it.invoke(asked).logs
            self.assertRegex(logs, rf"Z\t{asked.id}\tINFO\tout\n")
            self.assertRegex(logs, rf"Z\t{asked.id}\tERROR\terr\n")
            self.assertIn("\t1999 x", logs.replace("INFO\t1999", "\t1999"))
            self.assertEqual(logs.splitlines()[-2], f"END RequestId: {asked.id}")

    def test_keeps_what_was_printed_at_once_in_one_line(self):
        with environment("export const handler = async () => console.log('a\\nb');") as it:
            self.assertIn("\ta\rb\n", it.invoke(call()).logs)

    def test_is_json_where_the_function_says_so_and_of_its_level(self):
        source = """export const handler = async () => {
            console.debug('quiet'); console.warn({ n: 1 }); console.info('a %d', 2); };"""
        with environment(source, AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="Info") as it:
            asked = call()
            lines = [line for line in it.invoke(asked).logs.splitlines() if line[0] == "{"]
            printed = [json.loads(line) for line in lines]
            self.assertEqual([it["message"] for it in printed], [{"n": 1}, "a 2"])
            self.assertEqual([it["level"] for it in printed], ["WARN", "INFO"])
            self.assertEqual({it["requestId"] for it in printed}, {asked.id})

    def test_is_cut_when_it_is_a_flood_and_says_so(self):
        source = """export const handler = async (lines) => {
            for (let n = 0; n < lines; n++) console.log('x'.repeat(1000)); return 'done'; };"""
        with environment(source) as it:
            outcome = it.invoke(call("5000"))
            self.assertEqual(answer(outcome), "done")
            self.assertLess(len(outcome.logs), 1_100_000)
            self.assertRegex(outcome.logs, r"\d{7} more bytes of this call's log were dropped\n")
            self.assertNotIn("dropped", it.invoke(call("1")).logs)

    def test_has_what_is_printed_after_the_answer_with_the_next_call(self):
        source = """export const handler = async (later) => {
            if (later) setTimeout(() => console.log('late'), 100);
            else await new Promise((resolve) => setTimeout(resolve, 200)); };"""
        with environment(source) as it:
            self.assertNotIn("late", it.invoke(call("true")).logs)
            self.assertIn("late", it.invoke(call("false")).logs)

    def test_does_not_wait_for_a_child_that_goes_on_printing(self):
        source = """import { spawn } from 'node:child_process';
            export const handler = async () => {
                spawn('/usr/bin/yes', { stdio: ['ignore', 'inherit', 'ignore'] }); return 1; };"""
        with environment(source) as it:
            self.assertEqual(answer(it.invoke(call())), 1)

    def test_tells_a_cold_start_and_the_memory_used(self):
        with environment(ECHO) as it:
            cold, warm = it.invoke(call()).logs, it.invoke(call()).logs
            self.assertRegex(cold, r"Init Duration: \d+\.\d\d ms\n$")
            self.assertNotIn("Init Duration", warm)
            self.assertRegex(warm, r"Max Memory Used: [1-9]\d+ MB")


class AStop(unittest.TestCase):
    def test_ends_a_frozen_process(self):
        with environment(PID) as it:
            pid, _ = answer(it.invoke(call()))
            it.stop()
            self.assertFalse(is_running(pid))

    def test_during_a_call_ends_the_call_as_a_crash(self):
        outcomes: list[Outcome] = []
        with environment("export const handler = () => { for (;;); };", timeout_s=60) as it:
            pid = it._process.pid
            caller = threading.Thread(target=lambda: outcomes.append(it.invoke(call())))
            caller.start()
            eventually(lambda: not is_frozen(pid))
            it.stop()
            caller.join(20)
            self.assertIn("signal: killed", answer(outcomes[0])["errorMessage"])
            self.assertFalse(is_running(pid))

    def test_that_comes_while_a_call_ends_leaves_no_process(self):
        with environment(PID) as it:
            process = it._process
            freeze = process.freeze
            process.freeze = lambda: freeze() or it.stop()
            self.assertEqual(answer(it.invoke(call())), [process.pid, 1])
            self.assertIsNone(status_of(process.pid), "it was ended, and waited for")

    def test_lets_no_later_call_start_a_process(self):
        with environment(PID) as it:
            it.stop()
            with self.assertRaises(Stopped):
                it.invoke(call())

    def test_during_its_start_ends_that(self):
        with environment("await new Promise(() => setInterval(() => {}, 1e6));", start=False) as it:
            faults: list[BaseException] = []

            def start() -> None:
                try:
                    it.start()
                except InitFailed as fault:
                    faults.append(fault)

            starter = threading.Thread(target=start)
            starter.start()
            eventually(lambda: it._process is not None)
            it.stop()
            starter.join(20)
            self.assertIn("signal: killed", str(faults[0]))

    def test_may_be_repeated(self):
        with environment(PID) as it:
            it.stop()
            it.stop()


class ManyEnvironments(unittest.TestCase):
    def test_never_are_more_processes_than_there_are_places(self):
        places = Places[NodeProcess](2)
        with (
            environment(PID, places=places) as first,
            environment(PID, places=places) as second,
            environment(PID, places=places, start=False) as third,
        ):
            displaced, _ = answer(first.invoke(call()))
            second.invoke(call())
            third.start()
            self.assertFalse(is_running(displaced))
            outcome = first.invoke(call())
            self.assertFalse(outcome.failed, "a process that made room costs a start only")
            self.assertEqual(answer(outcome)[1], 1)

    def test_end_no_process_of_another_that_starts_anew_meanwhile(self):
        places = Places[NodeProcess](2)
        displacing, restarted = threading.Event(), threading.Event()

        def slowly(mark: str) -> None:
            if threading.current_thread() is starter:
                displacing.set()
                restarted.wait(20)
            end_marked(mark)

        with (
            environment(PID, places=places) as first,
            environment(PID, places=places) as second,
            environment(PID, places=places, start=False) as third,
            mock.patch.object(node_process, "end_marked", slowly),
        ):
            starter = threading.Thread(target=third.start)
            starter.start()
            self.assertTrue(displacing.wait(20))
            # The second makes room for the first, which has just made room for the third.
            pid, _ = answer(first.invoke(call()))
            restarted.set()
            starter.join(20)
            self.assertEqual(answer(first.invoke(call())), [pid, 2])
            self.assertFalse(is_running(second._process.pid))

    def test_all_end_when_their_places_are_closed(self):
        places = Places[NodeProcess](2)
        with environment(PID, places=places) as it:
            pid, _ = answer(it.invoke(call()))
            places.close()
            eventually(lambda: not is_running(pid))


class WhatAFunctionHasStarted(unittest.TestCase):
    SOURCE = """import { spawn } from 'node:child_process';
        export const handler = async (exit) => {
            if (exit) process.exit(1);
            const plain = spawn('/bin/sleep', ['600']).pid;
            const apart = spawn('/bin/sh', ['-c', '/bin/sleep 600 & echo $!'], { detached: true });
            const said = await new Promise((resolve) => apart.stdout.once('data', resolve));
            return [plain, Number(said)]; };"""

    def test_ends_with_its_environment(self):
        with environment(self.SOURCE) as it:
            pids = answer(it.invoke(call("false")))
            self.assertTrue(all(map(is_running, pids)))
            it.stop()
            eventually(lambda: not any(map(is_running, pids)))

    def test_ends_with_a_process_that_crashed(self):
        with environment(self.SOURCE) as it:
            pids = answer(it.invoke(call("false")))
            it.invoke(call("true"))
            eventually(lambda: not any(map(is_running, pids)))

    def test_of_another_environment_is_left_alone(self):
        with environment(self.SOURCE) as one, environment(self.SOURCE) as other:
            pids = answer(one.invoke(call("false")))
            other.invoke(call("false"))
            other.stop()
            self.assertTrue(all(map(is_running, pids)))
