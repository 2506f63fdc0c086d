import type { Control } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** What people are told, and the forge. */
export const noticeHandlers = ({
  notices,
  reports,
}: Pick<Control, "notices" | "reports">): Pick<Handlers, "notices" | "testNotice" | "retryNotices"> => ({
  notices: async (filter) =>
    (await notices.list(filter)).map(({ notice: { kind, title, environment, run }, ...kept }) => ({
      number: kept.number,
      channel: kept.channel,
      kind,
      title,
      environment,
      run,
      state: kept.state,
      tries: kept.tries,
      why: kept.why,
      madeAt: kept.madeAt,
      endedAt: kept.endedAt,
    })),
  testNotice: async ({ channel, by }) => {
    await notices.test(channel, by);
    return { channel };
  },
  retryNotices: async ({ number }) => ({
    retried: (await notices.retry(number)) + (number === null ? await reports.retry() : 0),
  }),
});
