"""What the environment has to say before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    node: str
    """Absolute path of the `node` that functions run in. Its major version is their runtime's."""
    dynamodb_url: str
    """Base address of the engine that answers for DynamoDB and its streams."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises ValueError that names every variable that is missing or wrong, with its value."""
    node = environment.get("LAMBDA_PROCESS_NODE", "")
    url = environment.get("DYNAMODB_EXTERNAL_URL", "")
    wrong = []
    if not (os.path.isabs(node) and os.access(node, os.X_OK)):
        wrong.append(f"LAMBDA_PROCESS_NODE must be the absolute path of a program, got {node!r}")
    if urlsplit(url).scheme != "http" or not urlsplit(url).hostname:
        wrong.append(f"DYNAMODB_EXTERNAL_URL must be an http address, got {url!r}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return Settings(node, url)
