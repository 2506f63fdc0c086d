import type { State } from "./states.ts";
import { isTerminal } from "./states.ts";

/** Whether an action is possible now, and if not, why: the words that the button, the CLI and the server all use. */
export type Possible = { readonly possible: true } | { readonly possible: false; readonly reason: string };

const yes: Possible = { possible: true };
const no = (reason: string): Possible => ({ possible: false, reason });

/** What may be done to a run in a given state. */
export const can = {
  cancel: (run: { readonly id: string; readonly state: State; readonly stopping: boolean }): Possible =>
    isTerminal(run.state)
      ? no(`${run.id} has ended already: ${run.state}`)
      : run.stopping
        ? no(`${run.id} is being stopped already`)
        : yes,

  /** Stopping the deployment behind a run. A way back is what is healthy, so ending it early has to be meant. */
  stop: (run: {
    readonly id: string;
    readonly state: State;
    readonly stopping: boolean;
    /** A person kept it as it was, in the middle. */
    readonly frozen: boolean;
    readonly isRollback: boolean;
    /** It holds its environment. */
    readonly begun: boolean;
    /** All of it runs and was verified; it is being written down. */
    readonly finishing: boolean;
    readonly force: boolean;
    readonly keep: boolean;
  }): Possible =>
    isTerminal(run.state)
      ? no(`${run.id} has ended already: ${run.state}`)
      : run.frozen && !run.keep
        ? yes
        : run.stopping
          ? no(`${run.id} is being stopped already`)
          : run.finishing
            ? no(`${run.id} has done it: what it deployed is verified; a rollback brings back what ran before`)
            : run.isRollback && run.begun && !run.force
              ? no(`${run.id} is a way back: to stop it would bring back what it is there to take away`)
              : yes,

  /** Holding a deployment where it is. A way back is not held: nothing is safer than its end. */
  pause: (run: {
    readonly id: string;
    readonly kind: string;
    readonly state: State;
    readonly stopping: boolean;
    readonly paused: { readonly by: string } | null;
    readonly isRollback: boolean;
    /** What ran before is being brought back. */
    readonly restoring: boolean;
    /** All of it runs and was verified; it is being written down. */
    readonly finishing: boolean;
  }): Possible =>
    run.kind !== "deployment"
      ? no(`${run.id} is no deployment; only deployments are paused`)
      : isTerminal(run.state)
        ? no(`${run.id} has ended already: ${run.state}`)
        : run.stopping
          ? no(`${run.id} is being stopped already`)
          : run.paused !== null
            ? no(`${run.paused.by} has paused ${run.id} already`)
            : run.isRollback
              ? no(`${run.id} is a way back: it goes on to its end`)
              : run.restoring
                ? no(`${run.id} is bringing back what ran before: it goes on to its end`)
                : run.finishing
                  ? no(`${run.id} has done it: what it deployed is verified`)
                  : yes,

  resume: (run: {
    readonly id: string;
    readonly state: State;
    readonly paused: { readonly by: string } | null;
  }): Possible =>
    run.paused !== null
      ? yes
      : no(isTerminal(run.state) ? `${run.id} has ended already: ${run.state}` : `${run.id} is not paused`),

  retry: (run: { readonly id: string; readonly state: State }): Possible =>
    !isTerminal(run.state)
      ? no(`${run.id} is still ${run.state}`)
      : run.state === "succeeded"
        ? no(`${run.id} has succeeded; there is nothing to retry`)
        : yes,

  approve: (run: { readonly id: string; readonly state: State; readonly waitsForApproval: boolean }): Possible =>
    run.waitsForApproval
      ? yes
      : no(
          isTerminal(run.state)
            ? `${run.id} has ended already: ${run.state}`
            : `${run.id} does not wait for an approval`,
        ),
} as const;
