import { randomUUID } from "node:crypto";
import type { Project } from "@fairway/core";
import { inParallel } from "@fairway/core";
import { keepSetting, setting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import type { ReachParts } from "./reach-channel.ts";
import { reachChannel } from "./reach-channel.ts";

const settingName = "notices.unheard";

/** Since when the switches are not heard that are not, and why, by the channel. */
type Unheard = Readonly<Record<string, { readonly since: string; readonly why: string }>>;

/** What calling needs of the rest. */
export interface SwitchParts extends ReachParts {
  readonly store: Store;
  readonly project: () => Promise<Project | null>;
  readonly now: () => number;
}

/**
 * Calls each dead man's switch once, so that somebody outside misses Fairway when it is gone. The database is asked first: a
 * daemon that it does not answer is not there. May be repeated.
 */
export async function callSwitches({ store, project, secrets, open, now }: SwitchParts): Promise<void> {
  const switches = ((await project())?.notices ?? []).filter(({ place }) => place.kind === "dead-mans-switch");
  const before = await unheard(store);
  if (switches.length === 0 && Object.keys(before).length === 0) return;
  const at = new Date(now()).toISOString();
  const found = await inParallel(switches, async (channel) => {
    const trial = { id: `fairway-${randomUUID()}`, title: "Fairway is there", at: now() };
    const why = await reachChannel(channel, trial, { secrets, open });
    return why === null ? [] : [[channel.name, { since: before[channel.name]?.since ?? at, why }] as const];
  });
  const after: Unheard = Object.fromEntries(found.flat());
  if (JSON.stringify(after) !== JSON.stringify(before))
    await keepSetting(store, settingName, Object.keys(after).length === 0 ? null : after);
}

/** A sentence for each switch that does not hear us. */
export const silentSwitches = async (store: Store): Promise<readonly string[]> =>
  Object.entries(await unheard(store)).map(
    ([channel, { since, why }]) =>
      `the dead man's switch ${channel} has not heard of Fairway since ${since}: ${why}; try it: fairway notices test ${channel}`,
  );

const unheard = async (store: Store): Promise<Unheard> => ((await setting(store, settingName)) ?? {}) as Unheard;
