import type { NoticeChannel, SecretSource } from "@fairway/core";
import { messageOf, secretsOfPlace } from "@fairway/core";
import type { OpenNotifier } from "./notice-control.ts";

/** What reaching a channel needs. */
export interface ReachParts {
  readonly secrets: SecretSource;
  readonly open: OpenNotifier;
}

/** What a channel is told only to see whether that arrives. */
export interface Trial {
  /** The same for each try of the same trial. */
  readonly id: string;
  readonly title: string;
  readonly at: number;
}

/** Tells a channel something now and once; why it did not arrive, or null. May be repeated. */
export async function reachChannel(
  channel: NoticeChannel,
  { id, title, at }: Trial,
  { secrets, open }: ReachParts,
): Promise<string | null> {
  try {
    const place = open(channel, await secrets.lookUp("", secretsOfPlace(channel.place)));
    try {
      const answer = await place.notify(
        {
          ...{ id, thread: id, kind: "notices.tested", level: "info", title, text: "It does." },
          ...{ environment: null, run: null, release: null, url: null, facts: [], at: new Date(at).toISOString() },
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
