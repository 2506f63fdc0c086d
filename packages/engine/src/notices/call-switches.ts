import { randomUUID } from "node:crypto";
import type { NoticeChannel, Project, SecretSource } from "@fairway/core";
import { inParallel, messageOf, secretsOfPlace } from "@fairway/core";
import { keepSetting, setting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import type { OpenNotifier } from "./notice-control.ts";

const settingName = "notices.unheard";

/** Since when the switches are not heard that are not, and why, by the channel. */
type Unheard = Readonly<Record<string, { readonly since: string; readonly why: string }>>;

/** What calling needs of the rest. */
export interface SwitchParts {
  readonly store: Store;
  readonly project: () => Promise<Project | null>;
  readonly secrets: SecretSource;
  readonly open: OpenNotifier;
  readonly now: () => number;
}

/**
 * Calls each dead man's switch once, so that somebody outside misses Fairway when it is gone. What the configuration says is read
 * from the database first: a daemon that cannot is not there. May be repeated.
 */
export async function callSwitches({ store, project, secrets, open, now }: SwitchParts): Promise<void> {
  const switches = ((await project())?.notices ?? []).filter(({ place }) => place.kind === "dead-mans-switch");
  const before = await unheard(store);
  if (switches.length === 0 && Object.keys(before).length === 0) return;
  const at = new Date(now()).toISOString();
  const found = await inParallel(switches, async (channel) => {
    const why = await refusal(channel, secrets, open, at);
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

async function refusal(
  channel: NoticeChannel,
  secrets: SecretSource,
  open: OpenNotifier,
  at: string,
): Promise<string | null> {
  try {
    const place = open(channel, await secrets.lookUp("", secretsOfPlace(channel.place)));
    try {
      const id = `fairway-${randomUUID()}`;
      const answer = await place.notify(
        {
          ...{ id, thread: id, kind: "notices.tested", level: "info", title: "Fairway is there", text: "", at },
          ...{ environment: null, run: null, release: null, url: null, facts: [] },
        },
        { thread: null, uncertain: false },
      );
      return answer.told ? null : answer.why;
    } finally {
      await place.close();
    }
  } catch (thrown) {
    return messageOf(thrown);
  }
}
