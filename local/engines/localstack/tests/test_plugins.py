import unittest

from localstack.runtime import hooks
from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import PLUGIN_NAMESPACE
from plux import PluginManager

from holdfast_localstack.executor import ProcessRuntimeExecutor


class LocalStack(unittest.TestCase):
    """It looks for plug-ins in the entry points of what is on the path, without an installation."""

    def test_finds_the_executor_by_its_name(self):
        manager = PluginManager(RuntimeExecutorPlugin.namespace)
        self.assertIs(manager.load("process").load(), ProcessRuntimeExecutor)

    def test_finds_the_server_by_its_name(self):
        manager = PluginManager(RuntimeServerPlugin.namespace)
        self.assertEqual(manager.load("twisted-bound").name, "twisted-bound")

    def test_finds_the_providers_by_their_names(self):
        manager = PluginManager(PLUGIN_NAMESPACE)
        for name in ("dynamodb:external", "dynamodbstreams:external"):
            self.assertTrue(manager.exists(name), name)

    def test_ends_all_processes_when_it_shuts_down_after_its_services(self):
        ours = "holdfast_localstack.machine"
        priorities = {
            plugin.fn.__module__: plugin.fn.hook_priority
            for plugin in hooks.on_infra_shutdown.manager.load_all_sorted()
        }
        self.assertIn(ours, priorities)
        self.assertEqual(priorities[ours], min(priorities.values()))
