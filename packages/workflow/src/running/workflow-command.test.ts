import { describe, expect, it } from "vitest";
import { parseWorkflowCommand, workflowCommands } from "./workflow-command.ts";

const read = (line: string): unknown => parseWorkflowCommand(line, (name) => workflowCommands.includes(name));

describe("a line of output", () => {
  it.each([
    ["::set-output name=a::b", { name: "set-output", properties: { name: "a" }, data: "b" }],
    ["  ::debug::indented", { name: "debug", properties: {}, data: "indented" }],
    [
      "::error file=a.ts,line=3,title=T::m",
      { name: "error", properties: { file: "a.ts", line: "3", title: "T" }, data: "m" },
    ],
    ["::error endLine=4::m", { name: "error", properties: { endline: "4" }, data: "m" }],
    ["::error file=,line=1::m", { name: "error", properties: { line: "1" }, data: "m" }],
    ["::error file=a%3Ab%2Cc::m", { name: "error", properties: { file: "a:b,c" }, data: "m" }],
    ["::warning::a%0Ab%0Dc%25", { name: "warning", properties: {}, data: "a\nb\rc%" }],
    ["::warning::%250A", { name: "warning", properties: {}, data: "%0A" }],
    ["::warning::a::b", { name: "warning", properties: {}, data: "a::b" }],
    ["text ##[group]title", { name: "group", properties: {}, data: "title" }],
    ["##[error file=a;line=2]x%5D%3B", { name: "error", properties: { file: "a", line: "2" }, data: "x];" }],
  ])("%s is a command", (line, command) => {
    expect(read(line)).toEqual(command);
  });

  it.each(["::nonsense::x", "text ::error::x", "::error", "##[error", "##[section]x", "std::vector::at", ""])(
    "%j is only output",
    (line) => {
      expect(read(line)).toBeUndefined();
    },
  );
});
