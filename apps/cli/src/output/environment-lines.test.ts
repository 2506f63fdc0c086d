import { expect, test } from "vitest";
import { environmentLines, environmentsAsMarkdown } from "./environment-lines.ts";

const url = (name: string, of: string) => ({ name, url: of });
const told = [
  {
    name: "staging",
    purpose: "Pre-production verification",
    urls: [url("frontend", "https://staging.example.app"), url("backend", "https://staging-api.example.app")],
    starts: ["push main"],
    protection: [],
    scale: [{ service: "api", replicas: 1 }],
  },
  {
    name: "production",
    purpose: "Live | <b>environment</b>\nfor all",
    urls: [url("frontend", "https://example.app")],
    starts: ["fairway promote production"],
    protection: ["1 approval", "only tags v*"],
    scale: [],
  },
];

test("the table has a column for each kind of address, and what people wrote does not leave its cell", () => {
  expect(environmentsAsMarkdown(told)).toEqual([
    "| Environment | Frontend URL | Backend URL | Purpose | Started by | Held to | Scale |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    "| staging | https://staging.example.app | https://staging-api.example.app | Pre-production verification | push main |  | api × 1 |",
    String.raw`| production | https://example.app |  | Live \| \<b\>environment\</b\> for all | fairway promote production | 1 approval; only tags v\* |  |`,
  ]);
});

test("below its name stands what is said of an environment, and nothing of what is not", () => {
  expect(environmentLines(told[1] ?? never(), 80).slice(2)).toEqual([
    "  purpose: Live | <b>environment</b> for all",
    "  frontend url: https://example.app",
    "  started by: fairway promote production",
    "  held to: 1 approval; only tags v*",
  ]);
});

function never(): never {
  throw new Error("there are two");
}
