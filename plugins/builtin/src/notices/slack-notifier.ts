import type { Notice, NoticeAnswer, NoticeHistory, Notifier } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask, refused } from "./http-answer.ts";
import { atMost } from "./words.ts";

const signs: Readonly<Record<Notice["level"], string>> = {
  info: ":information_source:",
  success: ":white_check_mark:",
  warning: ":warning:",
  error: ":x:",
};
/** Of Slack, in characters. */
const limits = { text: 2_900, fact: 190, facts: 10 } as const;

/** Slack reads these three as markup; what people wrote is text. */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A message in Slack's blocks, with the plain text that notifications show. */
function messageOf({ level, title, text, facts, url, personal }: Notice): Readonly<Record<string, unknown>> {
  const head = `${signs[level]} *${escaped(atMost(title, 300))}*${url === null ? "" : `\n<${url}|${personal === undefined ? "Look at it" : "Look at it, and answer"}>`}`;
  const section = (body: string): object => ({ type: "section", text: { type: "mrkdwn", text: body } });
  return {
    text: escaped(atMost(title, 300)),
    unfurl_links: false,
    blocks: [
      section(head),
      ...(text === "" ? [] : [section(escaped(atMost(text, limits.text)))]),
      ...(facts.length === 0
        ? []
        : [
            {
              type: "section",
              fields: facts.slice(0, limits.facts).map(({ name, value }) => ({
                type: "mrkdwn",
                text: `*${escaped(name)}*\n${escaped(atMost(value, limits.fact))}`,
              })),
            },
          ]),
    ],
  };
}

const json = { "content-type": "application/json; charset=utf-8" } as const;

/** Slack by an incoming webhook. It gives nothing back to find a message by, so there are no threads. */
export const slackWebhookNotifier = (fetch: GuardedFetch, url: string): Notifier => ({
  async notify(notice) {
    const asked = await ask(fetch, { method: "POST", url, headers: json, body: JSON.stringify(messageOf(notice)) });
    return asked.answered ? { told: true, reference: null } : asked.no;
  },
});

interface SlackAnswer {
  readonly ok?: boolean;
  readonly error?: string;
  readonly ts?: string;
  readonly user?: { readonly id?: string };
  readonly messages?: readonly {
    readonly ts: string;
    readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly id?: string } };
  }[];
}

/** Faults of Slack's side that pass. */
const passing = new Set(["ratelimited", "service_unavailable", "internal_error", "fatal_error", "request_timeout"]);
const eventType = "fairway_notice";

/**
 * Slack by a bot: one thread for each deployment. A message carries the notice's id as metadata, so that after a try whose
 * outcome nobody knows it is looked for before it is sent again.
 */
export function slackNotifier(
  fetch: GuardedFetch,
  { token, channel, api }: { readonly token: string; readonly channel: string; readonly api: string },
): Notifier {
  const call = async (method: string, body: Readonly<Record<string, unknown>>): Promise<SlackAnswer | NoticeAnswer> => {
    const asked = await ask(fetch, {
      method: "POST",
      url: `${api.replace(/\/$/, "")}/${method}`,
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!asked.answered) return asked.no;
    const answer = parsed(asked.answer.body);
    if (answer === null) return refused("its answer is no JSON", true, null, true);
    return answer.ok === true ? answer : refused(`it said ${answer.error ?? "no"}`, passing.has(answer.error ?? ""));
  };

  /** Where it is said already; null where it is not, or may not be looked for. A look that failed is no answer. */
  async function found(notice: Notice, thread: string | null): Promise<string | NoticeAnswer | null> {
    const about = { channel, include_all_metadata: true, limit: 100 };
    const answer = await (thread === null
      ? call("conversations.history", about)
      : call("conversations.replies", { ...about, ts: thread }));
    if ("told" in answer) return !answer.told && answer.again ? { ...answer, uncertain: true } : null;
    return (
      answer.messages?.find(
        ({ metadata }) => metadata?.event_type === eventType && metadata.event_payload?.id === notice.id,
      )?.ts ?? null
    );
  }

  /** To whom Slack knows by their address, alone. Who is not there cannot be told so, and needs no second try. */
  async function tellAlone(notice: Notice, address: string): Promise<NoticeAnswer> {
    const asked = await ask(fetch, {
      method: "POST",
      url: `${api.replace(/\/$/, "")}/users.lookupByEmail`,
      headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Bearer ${token}` },
      body: new URLSearchParams({ email: address }).toString(),
    });
    if (!asked.answered) return asked.no;
    const found = parsed(asked.answer.body);
    if (found?.error === "users_not_found") return { told: true, reference: null };
    if (found?.user?.id === undefined)
      return refused(`it said ${found?.error ?? "nothing"} of a person`, passing.has(found?.error ?? ""));
    const answer = await call("chat.postMessage", { channel: found.user.id, ...messageOf(notice) });
    return "told" in answer ? answer : { told: true, reference: null };
  }

  return {
    async notify(notice: Notice, { thread, uncertain }: NoticeHistory) {
      if (notice.personal !== undefined) return tellAlone(notice, notice.personal.address);
      const there = uncertain ? await found(notice, thread) : null;
      if (typeof there === "object" && there !== null) return there;
      if (there !== null) return { told: true, reference: there };
      const answer = await call("chat.postMessage", {
        channel,
        ...messageOf(notice),
        ...(thread === null ? {} : { thread_ts: thread }),
        metadata: {
          event_type: eventType,
          event_payload: {
            id: notice.id,
            kind: notice.kind,
            environment: notice.environment,
            run: notice.run,
            release: notice.release,
          },
        },
      });
      return "told" in answer ? answer : { told: true, reference: answer.ts ?? null };
    },
  };
}

function parsed(body: string): SlackAnswer | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null; // SyntaxError: that is the answer
  }
}
