import { sep } from "node:path";
import type { Millis } from "@fairway/core";
import { type CommandPlan, CommandState, type CommandStatus } from "./command-state.ts";
import type { Grace } from "./end-processes.ts";
import { markersInUse } from "./processes.ts";

/** For commands whose plan cannot be read any more. */
const defaultGrace: Millis = 10_000;

/** A command of which processes run, as far as its records can be read. */
export interface RunningCommand {
  readonly place: string;
  readonly state: CommandState;
  readonly plan: CommandPlan | undefined;
  readonly status: CommandStatus | undefined;
  readonly runner: Extract<CommandStatus, { readonly is: "running" }>["runner"] | undefined;
  readonly grace: Grace;
}

/** The commands below a directory that still run, found by their processes: thousands of old directories cost nothing. */
export async function runningCommands(below: string): Promise<readonly RunningCommand[]> {
  const places = [...(await markersInUse())].filter((place) => place.startsWith(below + sep));
  return places.map((place) => {
    const state = new CommandState(place);
    const plan = state.plan();
    const status = plan === undefined ? undefined : state.status(plan);
    const runner = status !== undefined && "runner" in status ? status.runner : undefined;
    return { place, state, plan, status, runner, grace: plan?.grace ?? defaultGrace };
  });
}
