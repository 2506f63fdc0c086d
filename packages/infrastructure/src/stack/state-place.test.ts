import { expect, test } from "vitest";
import { saysWhereStateIs } from "./state-place.ts";

test.each([
  ['terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}', true],
  ['terraform {\n  backend "s3" {}\n}', true],
  ['terraform {\n  cloud {\n    organization = "o"\n  }\n}', true],
  ['{"terraform":{"backend":{"gcs":{}}}}', true],
  ['terraform {\n  backend "local" {\n    path = "/var/lib/state"\n  }\n}', true],
  ['{"terraform":{"backend":{"local":{"path":"/var/lib/state"}}}}', true],
  // A relative path would be in the checkout, which is gone after the run, and the state with it.
  ['terraform {\n  backend "local" {\n    path = "state/here"\n  }\n}', false],
  ['terraform {\n  backend "local" {}\n}', false],
  ['{"terraform":{"backend":{"local":{}}}}', false],
  ['terraform {\n  # backend "s3" {}\n}', false],
  ['terraform {\n  required_version = ">= 1.6"\n}', false],
])("code that keeps its state somewhere lasting is left to: %s", (code, says) => {
  expect(saysWhereStateIs(code)).toBe(says);
});
