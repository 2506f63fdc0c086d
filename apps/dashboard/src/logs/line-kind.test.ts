import { expect, test } from "vitest";
import { lineKind } from "./line-kind.ts";

test.each([
  ["##[group]Install", { kind: "group", text: "Install" }],
  ["::error file=a.ts,line=3::it broke", { kind: "error", text: "it broke" }],
  ["::warning::mind", { kind: "warning", text: "mind" }],
  ["##[endgroup]", { kind: "text", text: "" }],
  ["an ::error:: in the middle", { kind: "text", text: "an ::error:: in the middle" }],
])("%s", (line, kind) => {
  expect(lineKind(line)).toEqual(kind);
});
