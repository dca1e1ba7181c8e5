import json
import os
import unittest
from typing import Any
from unittest.mock import patch

from localstack.aws.forwarder import create_aws_request_context
from localstack.http import Response
from localstack.services.dynamodb.models import dynamodb_stores

from holdfast_localstack import forwarding
from holdfast_localstack.dynamodb import dynamodb, dynamodbstreams
from tables_engine import TablesEngine

TABLE = {"Table": {"TableName": "t", "TableStatus": "ACTIVE"}}
MISSING = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no"}


class Forwarded(unittest.TestCase):
    def setUp(self) -> None:
        self.engine = self.enterContext(TablesEngine())
        self._point_at(self.engine.url)
        dynamodb_stores.reset()

    def _point_at(self, url: str) -> None:
        self.enterContext(patch.dict(os.environ, DYNAMODB_EXTERNAL_URL=url))
        forwarding._engine.cache_clear()
        self.addCleanup(forwarding._engine.cache_clear)

    def ask(self, operation: str, api: str = "dynamodb", **parameters: Any) -> Response:
        context = create_aws_request_context(api, operation, parameters=parameters)
        context.account_id, context.region = "111122223333", "eu-west-1"
        context.request_id = "id"
        plugin = dynamodbstreams if api == "dynamodbstreams" else dynamodb
        return plugin.factory().load().skeleton.invoke(context)

    @property
    def operations(self) -> list[str]:
        return [asked.operation.split(".")[1] for asked in self.engine.asked]


class ARequestOfATable(Forwarded):
    def test_goes_as_it_came_with_its_account_and_region(self):
        key = {"pk": {"S": "ü"}}
        self.ask("GetItem", TableName="t", Key=key)
        (asked,) = self.engine.asked
        self.assertEqual(asked.operation, "DynamoDB_20120810.GetItem")
        self.assertEqual(asked.scope, "111122223333/20200101/eu-west-1/dynamodb/aws4_request")
        self.assertEqual(asked.request, {"TableName": "t", "Key": key})

    def test_is_answered_as_the_other_engine_answers(self):
        self.engine.answers["GetItem"] = (400, MISSING)
        reply = self.ask("GetItem", TableName="t", Key={"pk": {"S": "a"}})
        self.assertEqual((reply.status_code, json.loads(reply.data)), (400, MISSING))
        self.assertEqual(reply.headers["x-amz-crc32"], "42")
        self.assertNotIn("access-control-allow-origin", reply.headers)

    def test_of_a_stream_goes_to_the_same_engine(self):
        self.ask("GetRecords", api="dynamodbstreams", ShardIterator="i")
        self.assertEqual(self.engine.asked[0].operation, "DynamoDBStreams_20120810.GetRecords")

    def test_is_tried_once_and_answered_with_500_when_nobody_is_there(self):
        self._point_at("http://127.0.0.1:9")
        reply = self.ask("PutItem", TableName="t", Item={"pk": {"S": "a"}})
        self.assertEqual(reply.status_code, 500)
        self.assertIn("InternalServerError", json.loads(reply.data)["__type"])


class AnUpdateOfATable(Forwarded):
    OWN = {"Create": {"RegionName": "eu-west-1"}}
    OTHER = {"Create": {"RegionName": "eu-central-1"}}

    def test_goes_as_it_came_when_it_names_no_replica_of_its_own_region(self):
        self.ask("UpdateTable", TableName="t", ReplicaUpdates=[self.OTHER])
        self.assertEqual(self.engine.asked[0].request["ReplicaUpdates"], [self.OTHER])

    def test_loses_the_replica_of_its_own_region_and_nothing_else(self):
        streams = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        self.ask(
            "UpdateTable",
            TableName="t",
            StreamSpecification=streams,
            ReplicaUpdates=[self.OWN, self.OTHER],
        )
        (asked,) = self.engine.asked
        self.assertEqual(
            asked.request,
            {"TableName": "t", "StreamSpecification": streams, "ReplicaUpdates": [self.OTHER]},
        )

    def test_that_has_nothing_else_in_it_is_answered_with_the_table(self):
        self.engine.answers["DescribeTable"] = (200, TABLE)
        reply = self.ask("UpdateTable", TableName="t", ReplicaUpdates=[self.OWN])
        self.assertEqual(json.loads(reply.data)["TableDescription"]["TableName"], "t")
        self.assertEqual(self.operations, ["DescribeTable"])

    def test_of_no_table_is_refused(self):
        self.engine.answers["DescribeTable"] = (400, MISSING)
        reply = self.ask("UpdateTable", TableName="t", ReplicaUpdates=[self.OWN])
        self.assertEqual((reply.status_code, json.loads(reply.data)), (400, MISSING))


class TimeToLive(Forwarded):
    SPECIFICATION = {"Enabled": True, "AttributeName": "expiresAt"}

    def setUp(self) -> None:
        super().setUp()
        self.engine.answers["DescribeTable"] = (200, TABLE)

    def _described(self) -> dict[str, Any]:
        return json.loads(self.ask("DescribeTimeToLive", TableName="t").data)

    def test_is_kept_on_this_side(self):
        self.assertEqual(
            self._described(), {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
        )
        self.ask("UpdateTimeToLive", TableName="t", TimeToLiveSpecification=self.SPECIFICATION)
        self.assertEqual(
            self._described()["TimeToLiveDescription"],
            {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"},
        )
        self.assertEqual(set(self.operations), {"DescribeTable"})

    def test_may_be_switched_off(self):
        for enabled in (True, False):
            self.ask(
                "UpdateTimeToLive",
                TableName="t",
                TimeToLiveSpecification=self.SPECIFICATION | {"Enabled": enabled},
            )
        self.assertEqual(self._described()["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED")

    def test_of_no_table_is_refused(self):
        self.engine.answers["DescribeTable"] = (400, MISSING)
        for reply in (
            self.ask("DescribeTimeToLive", TableName="t"),
            self.ask("UpdateTimeToLive", TableName="t", TimeToLiveSpecification=self.SPECIFICATION),
        ):
            self.assertEqual((reply.status_code, json.loads(reply.data)), (400, MISSING))

    def test_of_a_deleted_table_is_not_that_of_a_new_one_with_its_name(self):
        self.ask("UpdateTimeToLive", TableName="t", TimeToLiveSpecification=self.SPECIFICATION)
        self.engine.answers["CreateTable"] = (400, {"__type": "ResourceInUseException"})
        self.ask("CreateTable", TableName="t")
        self.assertEqual(self._described()["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED")
        self.engine.answers["CreateTable"] = (200, {"TableDescription": TABLE["Table"]})
        self.ask("CreateTable", TableName="t")
        self.assertEqual(self._described()["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED")


del Forwarded
