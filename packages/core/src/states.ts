/**
 * The one list of states, for runs, jobs, steps, deployments and rollouts.
 *
 * *failed* means that the answer was no, *errored* that we could not find out, *aborted* that a person stopped it.
 * *waiting* means that only a person, a clock or another deployment can make it go on.
 */
export const states = ["pending", "running", "waiting", "succeeded", "failed", "errored", "aborted"] as const;
export type State = (typeof states)[number];

export const terminalStates = ["succeeded", "failed", "errored", "aborted"] as const;
export type TerminalState = (typeof terminalStates)[number];

export const isTerminal = (state: State): state is TerminalState =>
  (terminalStates as readonly State[]).includes(state);

/** The exit code of a command that waited for something to end: 0 yes, 1 no, 2 could not find out, 3 waits for a person. */
export function exitCodeOf(state: State): 0 | 1 | 2 | 3 {
  switch (state) {
    case "succeeded":
      return 0;
    case "failed":
    case "aborted":
      return 1;
    case "errored":
      return 2;
    case "pending":
    case "running":
    case "waiting":
      return 3;
  }
}
