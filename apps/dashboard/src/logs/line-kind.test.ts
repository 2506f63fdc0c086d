import { expect, test } from "vitest";
import { lineKind } from "./line-kind.ts";

test.each([
  ["##[group]Install", { kind: "group", text: "Install", place: null }],
  ["::error file=a.ts,line=3::it broke", { kind: "error", text: "it broke", place: "a.ts:3" }],
  [
    "::error file=src/a.ts,line=3,endLine=4,col=7,title=TS2322::no: it",
    { kind: "error", text: "no: it", place: "src/a.ts:3:7" },
  ],
  ["::warning file=C%3A\\a%2Cb.ts::mind", { kind: "warning", text: "mind", place: "C:\\a,b.ts" }],
  ["::notice title=Only::a note", { kind: "notice", text: "a note", place: null }],
  ["::warning::mind", { kind: "warning", text: "mind", place: null }],
  ["2026-11-22T10:00:00.1234567Z ##[error]late", { kind: "error", text: "late", place: null }],
  ["##[endgroup]", { kind: "endgroup", text: "", place: null }],
  ["::endgroup::", { kind: "endgroup", text: "", place: null }],
  ["::error::100%25 of%0Athem", { kind: "error", text: "100% of⏎them", place: null }],
  ["an ::error:: in the middle", { kind: "text", text: "an ::error:: in the middle", place: null }],
])("%s", (line, expected) => {
  expect(lineKind(line)).toEqual(expected);
});
