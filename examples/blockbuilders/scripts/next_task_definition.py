"""Reads a task definition and writes the one that comes after it: another image, and the commit in GIT_SHA."""

import json
import os
import sys

# What ECS adds itself and refuses to be given.
NOT_GIVEN = {
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
}


def next_definition(current: dict, image: str, sha: str) -> dict:
    following = {key: value for key, value in current.items() if key not in NOT_GIVEN}
    api = next(each for each in following["containerDefinitions"] if each["name"] == "api")
    api["image"] = image
    told = [each for each in api.get("environment", []) if each["name"] != "GIT_SHA"]
    api["environment"] = [*told, {"name": "GIT_SHA", "value": sha}]
    return following


if __name__ == "__main__":
    json.dump(next_definition(json.load(sys.stdin), os.environ["IMAGE"], os.environ["SHA"]), sys.stdout)
