import json
import os
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException

from holdfast_localstack.executor import ProcessRuntimeExecutor
from holdfast_localstack.machine import runtime_of_node

RUNTIME = runtime_of_node()


class Code:
    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.prepared = False

    def get_unzipped_code_location(self) -> Path:
        return self.folder

    def prepare_for_execution(self) -> None:
        self.prepared = True


class TheExecutor(unittest.TestCase):
    def _version(self, source: str = "", **config: Any) -> SimpleNamespace:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        (Path(folder) / "index.mjs").write_text(source)
        values = {
            "runtime": RUNTIME,
            "layers": [],
            "memory_size": 256,
            "timeout": 20,
            "code": Code(folder),
        }
        return SimpleNamespace(
            config=SimpleNamespace(**values | config),
            id=SimpleNamespace(qualifier="$LATEST"),
            qualified_arn="arn:aws:lambda:us-east-1:0:function:f:$LATEST",
        )

    def _started(self, source: str) -> ProcessRuntimeExecutor:
        executor = ProcessRuntimeExecutor("executor", self._version(source))
        executor.start({"_HANDLER": "index.handler", "GREETING": "hello", "NUMBER": 7})
        self.addCleanup(executor.stop)
        return executor

    def _invoke(self, executor: ProcessRuntimeExecutor) -> Any:
        return executor.invoke(
            {"invoke-id": "id", "invoked-function-arn": "a", "trace-id": "t", "payload": "{}"}
        )

    def test_answers_a_call_with_body_log_and_verdict(self):
        source = "export const handler = async () => process.env;"
        result = self._invoke(self._started(source))
        self.assertFalse(result.is_error)
        self.assertEqual(result.request_id, "id")
        self.assertTrue(result.logs.startswith("START RequestId: id"))
        seen = json.loads(result.payload)
        self.assertEqual((seen["GREETING"], seen["NUMBER"], seen["TZ"]), ("hello", "7", "UTC"))
        self.assertEqual(seen["AWS_EXECUTION_ENV"], f"AWS_Lambda_{RUNTIME}")
        self.assertNotIn("PYTHONPATH", seen)
        self.assertEqual(seen["TMPDIR"], tempfile.gettempdir())

    def test_tells_a_call_that_failed(self):
        result = self._invoke(self._started("export const handler = async () => { throw 1; };"))
        self.assertTrue(result.is_error)

    def test_fails_the_call_of_a_function_that_does_not_load(self):
        with (
            self.assertRaises(StatusErrorException) as caught,
            self.assertLogs("localstack.lambda.process", "WARNING") as logged,
        ):
            self._started("console.log('so far'); throw new TypeError('no');")
        self.assertEqual(json.loads(caught.exception.payload)["errorType"], "TypeError")
        self.assertIn("so far", logged.output[0])

    def test_prepares_what_it_can_run(self):
        version = self._version()
        ProcessRuntimeExecutor.prepare_version(version)
        self.assertTrue(version.config.code.prepared)

    def test_refuses_other_runtimes_images_and_layers_by_name(self):
        for config, words in (
            ({"runtime": "nodejs20.x"}, "not in nodejs20.x"),
            ({"runtime": None}, "not in a container image"),
            ({"layers": ["arn"]}, "layers"),
        ):
            with self.subTest(words), self.assertRaisesRegex(NotImplementedError, words):
                ProcessRuntimeExecutor.prepare_version(self._version(**config))

    def test_runs_functions_in_the_node_that_it_was_given(self):
        source = "export const handler = async () => [process.execPath, process.version];"
        path, version = json.loads(self._invoke(self._started(source)).payload)
        self.assertEqual(path, os.path.realpath(os.environ["LAMBDA_PROCESS_NODE"]))
        self.assertEqual(f"nodejs{version[1:].split('.')[0]}.x", RUNTIME)
