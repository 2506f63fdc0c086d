import { expect, test } from "vitest";
import { can } from "./can.ts";
import { exitCodeOf, isTerminal, states, terminalStates } from "./states.ts";

test("a run can be cancelled until it has ended, and only once", () => {
  for (const state of states) {
    expect(can.cancel({ id: "run-1", state, stopping: false }).possible).toBe(!isTerminal(state));
    expect(can.cancel({ id: "run-1", state, stopping: true }).possible).toBe(false);
  }
});

test("a run can be retried once it has ended otherwise than well", () => {
  for (const state of states)
    expect(can.retry({ id: "run-1", state }).possible).toBe(isTerminal(state) && state !== "succeeded");
});

test("what waits for an approval can be approved, and nothing else", () => {
  expect(can.approve({ id: "run-1", state: "waiting", waitsForApproval: true })).toEqual({ possible: true });
  expect(can.approve({ id: "run-1", state: "running", waitsForApproval: false })).toEqual({
    possible: false,
    reason: "run-1 does not wait for an approval",
  });
  expect(can.approve({ id: "run-1", state: "failed", waitsForApproval: false })).toEqual({
    possible: false,
    reason: "run-1 has ended already: failed",
  });
});

test("every no says which thing it is about", () => {
  expect(can.cancel({ id: "run-9", state: "failed", stopping: false })).toMatchObject({
    reason: expect.stringContaining("run-9"),
  });
});

test("the exit code is 0 for yes, 1 for no, 2 for not found out, 3 for not yet", () => {
  expect(Object.fromEntries(states.map((state) => [state, exitCodeOf(state)]))).toEqual({
    pending: 3,
    running: 3,
    waiting: 3,
    succeeded: 0,
    failed: 1,
    errored: 2,
    aborted: 1,
  });
  expect(states.filter(isTerminal)).toEqual([...terminalStates]);
});
