import { createHmac, randomBytes } from "node:crypto";
import { FairwayError } from "@fairway/core";

/** One try of the replay, with what has to come of it. */
export interface ReplayCase {
  readonly name: string;
  readonly taken: boolean;
  readonly why: string;
}

/** What the world outside is asked with. */
export interface ReplayParts {
  /** Posts a webhook; the status of the answer. */
  readonly post: (body: string, headers: Readonly<Record<string, string>>) => Promise<number>;
  /** How often an event had its effect. */
  readonly effects: (event: string) => Promise<number>;
  readonly now: () => number;
  readonly secret: string;
}

const header = "stripe-signature";

/** Signs as Stripe does: https://docs.stripe.com/webhooks#verify-manually. `at`: seconds since 1970. */
export function stripeSignature(secret: string, body: string, at: number): string {
  return `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;
}

/**
 * An event of a file as it is sent: under an id of its own. Throws `bad_request` for what is none, and for one of real money.
 */
export function replayedEvent(file: string, text: string, id: string): string {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch (thrown) {
    throw new FairwayError("bad_request", `${file} is no JSON`, { cause: thrown });
  }
  if (typeof event !== "object" || event === null || Array.isArray(event) || !("type" in event))
    throw new FairwayError("bad_request", `${file} is no event of Stripe: it has no type`);
  if ((event as { readonly livemode?: unknown }).livemode === true)
    throw new FairwayError("bad_request", `${file} is an event of real money: livemode is true`, {
      hint: "keep events of the test mode",
    });
  return JSON.stringify({ ...event, id, livemode: false });
}

/** Five minutes are what Stripe's own libraries let pass: twice that is too old. */
const tooOld = 600;

/**
 * Sends one event in seven ways: as it is, again, as Stripe's retry with a new time and signature, and in four ways that must
 * be refused. What counts is its effect: once for the first three, and never for the others.
 */
export async function replayEvent(file: string, text: string, parts: ReplayParts): Promise<readonly ReplayCase[]> {
  const { post, effects, now, secret } = parts;
  const fresh = (): string => `evt_fairway_${randomBytes(12).toString("hex")}`;
  const seconds = (): number => Math.floor(now() / 1000);
  const id = fresh();
  const body = replayedEvent(file, text, id);
  const first = stripeSignature(secret, body, seconds());
  const cases: ReplayCase[] = [];
  const good = async (name: string, signature: string): Promise<void> => {
    const status = await post(body, { [header]: signature });
    const count = await effects(id);
    const taken = status >= 200 && status < 300 && count === 1;
    cases.push({ name, taken, why: taken ? "" : `answered ${status}, and had its effect ${count} times` });
  };
  const bad = async (name: string, make: (body: string) => readonly [string, Readonly<Record<string, string>>]) => {
    const other = fresh();
    const [sent, headers] = make(replayedEvent(file, text, other));
    const status = await post(sent, headers);
    const count = await effects(other);
    const refused = status >= 400 && status < 500 && count === 0;
    cases.push({ name, taken: refused, why: refused ? "" : `answered ${status}, and had its effect ${count} times` });
  };
  await good("as it is", first);
  await good("the same again", first);
  // A second later at least, or it would be the same.
  await good("tried again by Stripe", stripeSignature(secret, body, seconds() + 1));
  await bad("without a signature", (of) => [of, {}]);
  await bad("signed by somebody else", (of) => [of, { [header]: stripeSignature(`${secret}x`, of, seconds()) }]);
  await bad("changed on its way", (of) => [
    of.replace(/\}$/u, ',"changed":true}'),
    { [header]: stripeSignature(secret, of, seconds()) },
  ]);
  await bad("too old", (of) => [of, { [header]: stripeSignature(secret, of, seconds() - tooOld) }]);
  return cases;
}
