#!/usr/bin/env bash
# Builds the API's image and pushes it to its registry, under the commit's name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

: "${AWS_REGION:?set by aws-actions/configure-aws-credentials}"
sha=$(git rev-parse --short HEAD)
account=$(aws sts get-caller-identity --query Account --output text)
registry="$account.dkr.ecr.$AWS_REGION.amazonaws.com"
image="$registry/blockbuilders-api:$sha"

aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
docker build -t blockbuilders-api -t "$image" apps/api
docker push "$image"
