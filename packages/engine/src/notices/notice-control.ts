import { randomUUID } from "node:crypto";
import type { Millis, Notice, NoticeAnswer, NoticeChannel, NoticeHistory, Project, SecretSource } from "@fairway/core";
import {
  channelsAfter,
  FairwayError,
  inParallel,
  messageOf,
  nextTryIn,
  secretsOfPlace,
  triesOfAlert,
  wants,
} from "@fairway/core";
import { eventsAfter, latestEvent } from "../store/events.ts";
import type { DueNotice, KeptNotice, NoticeFilter } from "../store/notices.ts";
import {
  channelsOf,
  deadNotices,
  forgetNotices,
  handOn,
  listNotices,
  noticeRefused,
  noticesSeen as cursor,
  noticeTold,
  putNotice,
  retryNotices,
  takeDue,
} from "../store/notices.ts";
import { recordChange } from "../store/audit.ts";
import { keepSetting, setting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import type { ApprovalLink } from "../gates/approval-link.ts";
import { approversToTell } from "./approvers-to-tell.ts";
import { callSwitches, silentSwitches } from "./call-switches.ts";
import { noticesFor } from "./personal-notices.ts";
import { noticeOfEvent } from "./notice-of-event.ts";

/** Opens the place of a channel with the values of its secrets. Throws `secret_missing`. */
export type OpenNotifier = (
  channel: NoticeChannel,
  secrets: Readonly<Record<string, string>>,
) => { notify(notice: Notice, history: NoticeHistory): Promise<NoticeAnswer>; close(): Promise<void> };

/** What notices need of the rest. */
export interface NoticeParts {
  readonly store: Store;
  /** The newest configuration, which says what channels there are. */
  readonly project: () => Promise<Project | null>;
  readonly secrets: SecretSource;
  /** Left out where no plugin knows a place. */
  readonly open: OpenNotifier | undefined;
  /** The address by which somebody may answer what they are asked; nobody is sent one when it is left out. */
  readonly links?: ((link: ApprovalLink) => Promise<string>) | undefined;
}

/** Telling people what happens. */
export interface NoticeControl {
  /** Finds out what there is to tell since the last time. Any process may; one does at a time. */
  readonly collect: () => Promise<void>;
  /** Tells what is due. */
  readonly send: () => Promise<void>;
  readonly tidy: () => Promise<void>;
  /** Calls each dead man's switch once. */
  readonly callSwitches: () => Promise<void>;
  /** What could not be told, a sentence for each channel, and who does not hear that Fairway is there. */
  problems(): Promise<readonly string[]>;
  list(filter: NoticeFilter): Promise<readonly KeptNotice[]>;
  /** Tries again what was given up; answers with how many. */
  retry(number: number | null): Promise<number>;
  /** Has a channel told that it works. Throws `not_found`. */
  test(channel: string, by: string): Promise<void>;
}

const perLook = 500;
const atATime = 8;
/** Longer than any place takes to answer: nobody else takes up what is being told. */
const hold: Millis = 2 * 60_000;
/** As long as an approval counts. */
const linkLasts: Millis = 24 * 3_600_000;
const kept: Millis = 90 * 24 * 3_600_000;

export function noticeControl({ store, project, secrets, open, links }: NoticeParts): NoticeControl {
  const channels = async (): Promise<readonly NoticeChannel[]> => (await project())?.notices ?? [];

  async function collect(): Promise<void> {
    const all = await channels();
    const place = await setting(store, cursor);
    // What happened before anybody wanted to hear is not told afterwards.
    if (all.length === 0) return typeof place === "number" ? keepSetting(store, cursor, null) : undefined;
    // Looked at every second: where nothing has happened nothing is held, and nothing written.
    if (typeof place === "number" && (await eventsAfter(store, place, 1)).length === 0) return;
    await store.transaction(async (tx) => {
      await tx.rows("select pg_advisory_xact_lock(hashtext('fairway.notices'))");
      const seen = await setting(tx, cursor);
      if (typeof seen !== "number") return keepSetting(tx, cursor, await latestEvent(tx));
      const events = await eventsAfter(tx, seen, perLook);
      for (const event of events) {
        const found = await noticeOfEvent(tx, event);
        if (found === null) continue;
        const { gate, notice } = found;
        // Whoever was told of an alert because others could not be reached is told how it goes on.
        const told = isAlert(notice) ? await channelsOf(tx, notice.thread, `${wordsBefore(found.about)} `) : [];
        const listening = all.filter((channel) => wants(channel, notice) || told.includes(channel.name));
        const approvers =
          gate === undefined || links === undefined || listening.length === 0
            ? []
            : await approversToTell(tx, gate.run, notice.environment, (await project())?.name ?? "");
        for (const channel of listening)
          for (const one of noticesFor(channel, found, approvers))
            await putNotice(tx, channel.name, one.about, {
              ...one.notice,
              id: `fairway-${randomUUID()}`,
              at: event.at,
            });
      }
      const last = events.at(-1);
      if (last !== undefined) await keepSetting(tx, cursor, last.seq);
    });
  }

  async function tell(due: DueNotice, all: readonly NoticeChannel[]): Promise<void> {
    const channel = all.find(({ name }) => name === due.channel);
    const refused = (why: string, uncertain: boolean, after: Millis | null): Promise<void> =>
      store.transaction(async (tx) => {
        await noticeRefused(tx, due, { why, uncertain, after });
        if (!isAlert(due.notice) || (after !== null && due.tries < triesOfAlert)) return;
        const others = channelsAfter(all, due.channel, due.notice.environment).map(({ name }) => name);
        await handOn(tx, due.number, others, triesOfAlert);
      });
    if (channel === undefined) return refused("the configuration has no such channel any more", false, null);
    if (open === undefined) return refused("nothing here knows how to reach it", false, null);
    try {
      const place = open(channel, await secrets.lookUp(due.notice.environment ?? "", secretsOfPlace(channel.place)));
      const answer = await telling(place, { ...due, notice: await withLink(due.notice) });
      if (answer.told) {
        const reference = answer.reference ?? due.threadReference;
        return await store.transaction((tx) => noticeTold(tx, due, reference));
      }
      const after = answer.again ? nextTryIn(due.tries, answer.after, Math.random()) : null;
      await refused(answer.why, answer.uncertain || due.uncertain, after);
    } catch (thrown) {
      // A secret that is missing may come; what it is about is on record meanwhile.
      const after = nextTryIn(due.tries, null, Math.random());
      await refused(messageOf(thrown), due.uncertain, after);
    }
  }

  /** With the link by which the one who is told may answer. Each time another one, of which one opens, once. */
  async function withLink(notice: Notice): Promise<Notice> {
    const { personal } = notice;
    if (personal === undefined || links === undefined) return notice;
    return { ...notice, url: await links({ ...personal, expires: Date.parse(notice.at) + linkLasts }) };
  }

  return {
    collect,
    async send() {
      const due = await takeDue(store, atATime, hold);
      if (due.length === 0) return;
      const all = await channels();
      await inParallel(due, (one) => tell(one, all));
    },
    tidy: () => forgetNotices(store, kept),
    async callSwitches() {
      if (open !== undefined) await callSwitches({ store, project, secrets, open, now: Date.now });
    },
    problems: async () => [
      ...(await deadNotices(store)).map(
        ({ channel, count, why }) =>
          `${count} ${count === 1 ? "notice" : "notices"} did not arrive at ${channel}: ${why}; see them: fairway notices --dead`,
      ),
      ...(await silentSwitches(store)),
    ],
    list: (filter) => listNotices(store, filter),
    retry: (number) =>
      store.transaction(async (tx) => {
        const retried = await retryNotices(tx, number);
        const subject = number === null ? "notices" : `notice ${number}`;
        if (retried > 0) recordChange(tx, "notices.retried", { subject, environment: null, detail: { retried } });
        return retried;
      }),
    async test(name, by) {
      const all = await channels();
      const channel = all.find((one) => one.name === name);
      if (channel === undefined)
        throw new FairwayError("not_found", `there is no channel "${name}"`, {
          hint:
            all.length === 0
              ? "the last release's configuration has no notices"
              : `there are ${all.map((one) => one.name).join(", ")}`,
        });
      const id = `fairway-${randomUUID()}`;
      await store.transaction(async (tx) => {
        await putNotice(tx, name, id, {
          id,
          kind: "notices.tested",
          level: "info",
          title: `${by} wants to know whether this arrives`,
          text: "It does.",
          at: new Date().toISOString(),
          environment: null,
          run: null,
          release: null,
          url: null,
          facts: [],
          thread: id,
        });
        recordChange(tx, "notices.tested", { subject: name, environment: null, detail: {} });
      });
    },
  };
}

const isAlert = ({ kind }: Pick<Notice, "kind">): boolean => kind === "alert.raised" || kind === "alert.resolved";

/** All but the last, which says how it goes. */
const wordsBefore = (about: string): string => about.slice(0, Math.max(0, about.lastIndexOf(" ")));

async function telling(place: ReturnType<OpenNotifier>, due: DueNotice): Promise<NoticeAnswer> {
  try {
    return await place.notify(due.notice, { thread: due.threadReference, uncertain: due.uncertain });
  } finally {
    await place.close();
  }
}
