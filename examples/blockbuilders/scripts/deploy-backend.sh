#!/usr/bin/env bash
# Hands the image of this commit to CodeDeploy, which moves traffic from the old tasks to the new ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

: "${AWS_REGION:?set by aws-actions/configure-aws-credentials}"
sha=$(git rev-parse --short HEAD)
account=$(aws sts get-caller-identity --query Account --output text)
image="$account.dkr.ecr.$AWS_REGION.amazonaws.com/blockbuilders-api:$sha"

task=$(aws ecs describe-task-definition --task-definition blockbuilders-api --query taskDefinition --output json |
  IMAGE="$image" SHA="$sha" python3 scripts/next_task_definition.py)
arn=$(aws ecs register-task-definition --cli-input-json "$task" --query taskDefinition.taskDefinitionArn --output text)
deployment=$(aws deploy create-deployment --application-name blockbuilders-api --deployment-group-name blockbuilders-api \
  --revision "$(python3 scripts/app_spec.py "$arn")" --query deploymentId --output text)
aws deploy wait deployment-successful --deployment-id "$deployment"
