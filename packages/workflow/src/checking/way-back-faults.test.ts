import { expect, test } from "vitest";
import { checkWorkflow } from "./check-workflow.ts";
import { checkWayBack } from "./way-back-faults.ts";

const told = (text: string, file = "ops/playbook.md"): readonly string[] =>
  checkWayBack(text, file).map(({ rule, place }) => `${rule} ${place.line}:${place.column}`);

test.each([
  [
    "## Roll back\n\n    aws ecs update-service --cluster a --service b --force-new-deployment\n",
    "forced-deployment-as-rollback 3:5",
  ],
  [
    "# restore the service\naws ecs update-service --cluster a \\\n  --service b \\\n  --force-new-deployment\n",
    "forced-deployment-as-rollback 2:1",
  ],
  // As it stands in many a handbook: no cluster, no service.
  [
    "Rollback: `aws ecs update-service --force-new-deployment --task-definition <previous>`",
    "forced-deployment-as-rollback 1:12",
  ],
  ["Infrastructure rollback: terraform apply with previous state file", "old-state-as-rollback 1:26"],
  ["To undo it:\n\n$ terraform state push backup.tfstate", "old-state-as-rollback 3:3"],
  ["tofu apply -state=terraform.tfstate.backup", "old-state-as-rollback 1:1"],
])("%j is no way back", (text, fault) => {
  expect(told(text)).toEqual([fault]);
});

test.each([
  "## Deploy\naws ecs update-service --cluster a --service b --force-new-deployment",
  "## Roll back\naws ecs update-service --cluster a --service b --task-definition shop:41",
  "## Roll back\naws ecs update-service --cluster a --service b --force-new-deployment --task-definition shop:41",
  "To roll back never use `aws ecs update-service --force-new-deployment`.",
  "Do not `terraform apply` with the previous state file.",
  "terraform apply -auto-approve plan.bin",
  "terraform state list",
])("%j is told nothing of", (text) => {
  expect(told(text)).toEqual([]);
});

test("the name of a script may say what it is for", () => {
  const text = "#!/bin/sh\naws ecs update-service --service b --cluster a --force-new-deployment\n";
  expect(told(text, "scripts/deploy.sh")).toEqual([]);
  expect(told(text, "scripts/rollback.sh")).toEqual(["forced-deployment-as-rollback 2:1"]);
});

test("a step of a workflow is told so at its line", () => {
  const text = `on: workflow_dispatch
jobs:
  rollback:
    runs-on: ubuntu-latest
    environment: production
    concurrency: deploys
    steps:
      - run: aws ecs update-service --cluster shop --service api --force-new-deployment
`;
  const { faults } = checkWorkflow(text, "ci.yml", { containers: false, lock: new Map() });
  expect(faults.map(({ rule, place }) => [rule, place.line])).toContainEqual(["forced-deployment-as-rollback", 8]);
});
