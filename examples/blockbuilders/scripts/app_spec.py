"""Writes what CodeDeploy must know to move a service to a task definition."""

import json
import sys


def revision_of(task_definition: str) -> dict:
    service = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": task_definition,
            "LoadBalancerInfo": {"ContainerName": "api", "ContainerPort": 8000},
        },
    }
    content = json.dumps({"version": 0.0, "Resources": [{"TargetService": service}]})
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


if __name__ == "__main__":
    print(json.dumps(revision_of(sys.argv[1])))
