import type { FreezeTimesShape } from "@fairway/api";
import { freezeTimes, loadCalendar } from "@fairway/config";
import type { Environment, FreezeWindow, RunId } from "@fairway/core";
import { bothWindows, codeOf, environmentOf, FairwayError, messageOf } from "@fairway/core";
import type { Control, Store } from "@fairway/engine";
import {
  differencesFromNow,
  environmentStandings,
  overrideFreeze,
  overridesMissing,
  plannedDeployment,
} from "@fairway/engine";
import type { EnvironmentParts } from "../environments.ts";
import type { Handlers } from "./http-server.ts";

type GateParts = Pick<EnvironmentParts, "store" | "control" | "project">;

/** What people do about that which holds a deployment. */
export const gateHandlers = ({ store, control, project }: GateParts): Pick<Handlers, "freezes" | "overrideFreeze"> => ({
  freezes: async () => {
    const { environments } = await project();
    const standings = await environmentStandings(
      store,
      environments.map(({ name }) => name),
    );
    const all = await Promise.all(
      environments.map(async (environment) => {
        const running = standings.of.get(environment.name)?.deployed[0]?.release;
        const windows = await windowsOf(control, environment, running);
        if (windows.length > 0) await loadCalendar();
        return timesOf(environment.name, windows, Date.now());
      }),
    );
    return all.flat().toSorted((one, other) => one.from.localeCompare(other.from));
  },
  overrideFreeze: async ({ run, by, reason }) => {
    const { given } = await overrideFreeze(store, run as RunId, { by, because: reason });
    return {
      given: given.map(({ by: who, because, at }) => ({ by: who, because, at })),
      missing: overridesMissing(given),
    };
  },
});

/** What holds it by the configuration, and by the release that runs there until another one has come. */
async function windowsOf(
  { releaseOf }: Control,
  environment: Environment,
  running: Parameters<Control["releaseOf"]>[0] | undefined,
): Promise<readonly FreezeWindow[]> {
  const present = running && environmentOf((await releaseOf(running)).project, environment.name);
  return bothWindows(present?.freezes, environment.freezes);
}

/** What is over for good is left out. */
const timesOf = (environment: string, windows: readonly FreezeWindow[], now: number): FreezeTimesShape[] =>
  windows.flatMap((window) => {
    const times = freezeTimes(window, now);
    const [repeats, timeZone] = "repeats" in window ? [window.repeats, window.timeZone] : [null, null];
    return times === null
      ? []
      : [{ environment, because: window.because, repeats, timeZone, open: Date.parse(times.from) <= now, ...times }];
  });

/**
 * An answer to something else than what is asked is refused with every field in which it differs from what would happen now.
 */
export async function tellingDifferences<Result>(
  parts: { readonly store: Store; readonly control: Pick<Control, "plane"> },
  run: RunId,
  answer: () => Promise<Result>,
): Promise<Result> {
  try {
    return await answer();
  } catch (thrown) {
    if (codeOf(thrown) !== "stale_approval") throw thrown;
    const { hint } = thrown as FairwayError;
    const plan = await plannedDeployment(parts.store, run);
    const problems = plan === null ? [] : await differencesFromNow(parts.control.plane, plan);
    throw new FairwayError("stale_approval", messageOf(thrown), { hint, problems, cause: thrown });
  }
}
