import { createHmac, timingSafeEqual } from "node:crypto";
import type { Delivery, DutyPlan, SecretSource, SeverityTable } from "@fairway/core";
import { proposedSeverity, systemActor, usualSeverities } from "@fairway/core";
import { actingAs } from "../audit/acting.ts";
import { recordChange } from "../store/audit.ts";
import { holdIncident, noteIncident } from "../store/incidents.ts";
import type { Store } from "../store/store.ts";
import { openIncident } from "./incident-control.ts";

/** What a sender is answered. */
export interface IntakeAnswer {
  readonly status: 202 | 400 | 401 | 404;
  readonly why: string;
}

/** Takes what users tell support, and makes incidents and notes of it. */
export interface Intake {
  /** A webhook as Intercom sends it. May be repeated: by its own number each counts once. */
  receive(delivery: Delivery): Promise<IntakeAnswer>;
}

export interface IntakeParts {
  readonly store: Store;
  readonly secrets: Pick<SecretSource, "lookUp">;
  readonly plan: () => Promise<DutyPlan>;
}

/** Whose secrets are asked where an intake belongs to no environment. */
const noEnvironment = "build";
const source = "intercom";

export function intercomIntake({ store, secrets, plan }: IntakeParts): Intake {
  return {
    async receive({ headers, body }) {
      const { intake = null, severities = usualSeverities } = await plan();
      if (intake === null) return { status: 404, why: "nothing is taken in from intercom" };
      const found = await secrets.lookUp(intake.environment ?? noEnvironment, [intake.secret]);
      const secret = found[intake.secret];
      if (secret === undefined || secret === "") return { status: 401, why: "its secret has no value here" };
      if (!isSigned(body, headers["x-hub-signature"] ?? "", secret))
        return { status: 401, why: "its signature is wrong" };
      const told = conversationOf(body);
      if (told === null) return { status: 400, why: "it is no notification of a conversation" };
      if (told === "other") return { status: 202, why: "nothing is made of this" };
      return actingAs({ ...systemActor, name: source }, () => take(store, told, intake.environment, severities));
    },
  };
}

interface Told {
  readonly delivery: string;
  readonly conversation: string;
  readonly isNew: boolean;
  readonly text: string;
}

async function take(
  store: Store,
  { delivery, conversation, isNew, text }: Told,
  environment: string | null,
  table: SeverityTable,
): Promise<IntakeAnswer> {
  const said = { impact: "minor", scope: "one" } as const;
  return store.transaction(async (tx): Promise<IntakeAnswer> => {
    const fresh = await tx.rows(
      "insert into fairway.intake (source, delivery) values ($1, $2) on conflict do nothing returning delivery",
      [source, delivery],
    );
    if (fresh.length === 0) return { status: 202, why: "it was taken before" };
    const key = `${source}/${conversation}`;
    const [known] = await tx.rows<{ number: number }>(
      "select number::float8 as number from fairway.incidents where key = $1",
      [key],
    );
    if (known !== undefined) {
      const held = await holdIncident(tx, known.number);
      if (held === null || !held.open) return { status: 202, why: `i${known.number} is closed` };
      await noteIncident(tx, known.number, source, text);
      recordChange(tx, "incident.noted", {
        subject: `i${known.number}`,
        environment: held.environment,
        detail: { note: text, source: key },
      });
      return { status: 202, why: `noted at i${known.number}` };
    }
    const tells = table.words.length === 0 || proposedSeverity(table, { ...said, text }).rule.startsWith('"');
    if (!isNew || !tells) return { status: 202, why: "nothing in it tells of an incident" };
    const wish = { title: text.slice(0, 160), environment, release: null, ...said, text };
    const number = await openIncident(tx, { ...wish, key, source: `${source} ${conversation}` }, table);
    return { status: 202, why: `opened i${number ?? ""}` };
  });
}

/** As Intercom signs: https://developers.intercom.com/docs/webhooks/webhook-notifications. */
function isSigned(body: Uint8Array, given: string, secret: string): boolean {
  const wanted = Buffer.from(`sha1=${createHmac("sha1", secret).update(body).digest("hex")}`);
  const said = Buffer.from(given);
  return said.length === wanted.length && timingSafeEqual(said, wanted);
}

const longest = 4000;
/** As people wrote them: the body of a conversation is HTML. */
const signs: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", "#39": "'", "#34": '"' },
};

function conversationOf(body: Uint8Array): Told | "other" | null {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
  const notification = record(read);
  const { id, topic } = notification;
  if (typeof topic !== "string") return null;
  const isNew = topic === "conversation.user.created";
  // Its ping, which tries the address, has no number.
  if (!isNew && topic !== "conversation.user.replied") return "other";
  if (typeof id !== "string" || id.length > 200) return null;
  const item = record(record(notification["data"])["item"]);
  const conversation = item["id"];
  if (typeof conversation !== "string" && typeof conversation !== "number") return null;
  const parts = record(item["conversation_parts"])["conversation_parts"];
  const said = isNew || !Array.isArray(parts) ? record(item["source"]) : record(parts.at(-1));
  const text = [said["subject"], said["body"]].filter((part) => typeof part === "string").join(" ");
  const plain = text
    .replaceAll(/<[^>]*>/gu, " ")
    .replaceAll(/&(amp|lt|gt|quot|apos|nbsp|#39|#34);/gu, (_, name: string) => signs[name] ?? " ")
    .replaceAll("\0", "")
    .replaceAll(/\s+/gu, " ")
    .trim();
  return {
    delivery: id,
    conversation: String(conversation).slice(0, 100),
    isNew,
    text: (plain || "no words").slice(0, longest),
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
