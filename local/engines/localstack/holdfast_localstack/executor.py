"""LocalStack's functions as processes. Chosen by LAMBDA_RUNTIME_EXECUTOR=process."""

import json
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .environment import Call, Environment, Function, InitFailed
from .machine import node, places, runtime_of_node

# Below LocalStack's own logger, so that its level holds here too.
LOG = logging.getLogger("localstack.lambda.process")

LOOPBACK = "127.0.0.1"


class ProcessRuntimeExecutor(RuntimeExecutor):
    _environment: Environment | None = None

    def start(self, env_vars: dict[str, Any]) -> None:
        environment = Environment(self.id, self._function(env_vars), node=node(), places=places)
        self._environment = environment
        self._said(environment.start)

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        if self._environment is None:
            raise RuntimeError(f"environment {self.id} was not started")
        call = Call(
            id=payload["invoke-id"],
            arn=payload["invoked-function-arn"],
            trace=payload["trace-id"],
            event=payload["payload"],
        )
        environment = self._environment
        outcome = self._said(lambda: environment.invoke(call))
        return InvocationResult(call.id, outcome.body.encode(), outcome.failed, outcome.logs)

    def _said[Result](self, work: Callable[[], Result]) -> Result:
        """A function that does not load fails its call, as in the real service."""
        try:
            return work()
        except InitFailed as fault:
            arn = self.function_version.qualified_arn
            LOG.warning("%s does not load: %s\n%s", arn, fault.error, fault.logs)
            payload = json.dumps(fault.error).encode()
            raise StatusErrorException("init failed", payload) from fault

    def _function(self, env_vars: dict[str, Any]) -> Function:
        settings = self.function_version.config
        folder = settings.code.get_unzipped_code_location()
        return Function(
            version=self.function_version.id.qualifier,
            code=folder,
            memory_mb=settings.memory_size,
            timeout_s=settings.timeout,
            max_answer_bytes=config.LAMBDA_LIMITS_MAX_FUNCTION_PAYLOAD_SIZE_BYTES,
            environment={
                "PATH": os.pathsep.join([str(Path(node()).parent), "/usr/local/bin:/usr/bin:/bin"]),
                "LANG": "en_US.UTF-8",
                "HOME": tempfile.gettempdir(),
                "TMPDIR": tempfile.gettempdir(),
                **{name: str(value) for name, value in env_vars.items()},
                "TZ": "UTC",
                "LAMBDA_TASK_ROOT": str(folder),
                "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
            },
        )

    def stop(self) -> None:
        if self._environment:
            self._environment.stop()

    def get_address(self) -> str:
        return LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        return LOOPBACK

    def get_runtime_endpoint(self) -> str:
        return ""  # asked for by LocalStack's own program inside its containers

    def get_logs(self) -> str:
        return ""  # each call's log goes with its result

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Raises NotImplementedError for what could only seem to run."""
        settings = function_version.config
        if settings.runtime != runtime_of_node():
            asked = settings.runtime or "a container image"
            raise NotImplementedError(f"functions run in {runtime_of_node()}, not in {asked}")
        if settings.layers:
            raise NotImplementedError("functions with layers do not run as processes")
        settings.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing is made for a version but its folder, which LocalStack removes itself."""


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *args: object, **kwargs: object) -> type[RuntimeExecutor]:
        return ProcessRuntimeExecutor
