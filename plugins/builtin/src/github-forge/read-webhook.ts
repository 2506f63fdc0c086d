import { createHmac, timingSafeEqual } from "node:crypto";
import type { Delivery, DeliveryReading } from "@fairway/core";
import { readGitHubEvent } from "./read-github-event.ts";
import { readJsonBytes } from "./read-json.ts";

/**
 * In bytes. GitHub itself sends up to 25 MiB (https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap), and
 * nobody who is not known yet may have us hold that much; what is longer is found by the next look at the repository.
 */
export const longestWebhook: number = 2 * 1024 * 1024;

export interface WebhookSecrets {
  /** Good now; more than one while it is being changed. Empty: none are taken. */
  readonly secrets: readonly string[];
  /** `owner/name`. */
  readonly repository: string;
}

/**
 * Looks at a webhook of GitHub: how long it is, then who signed it, and only then what it says. Asks nobody, and throws
 * nothing whatever comes.
 */
export function readWebhook({ headers, body }: Delivery, { secrets, repository }: WebhookSecrets): DeliveryReading {
  if (secrets.length === 0) return refused(404, "no webhooks are taken: the configuration names no webhookSecret");
  if (body.length > longestWebhook) return refused(413, "the body is too long");
  if (!secrets.some((secret) => isSigned(body, headers["x-hub-signature-256"], secret)))
    return refused(401, "the signature is not ours: see the webhook's secret");
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json")
    return refused(415, "set the webhook's content type to application/json");
  const delivery = headers["x-github-delivery"];
  const name = headers["x-github-event"];
  if (delivery === undefined || !/^[\w-]{1,100}$/u.test(delivery))
    return refused(400, "it has no number of a delivery");
  if (name === undefined || !/^[a-z][a-z_]{0,99}$/u.test(name)) return refused(400, "it has no name of an event");
  const json = readJsonBytes(body);
  if (!json.ok) return refused(400, json.why);
  const reading = readGitHubEvent(name, json.value, repository);
  return reading.ok ? { accepted: true, delivery, event: reading.event } : refused(400, reading.why);
}

const refused = (status: 400 | 401 | 404 | 413 | 415, why: string): DeliveryReading => ({
  accepted: false,
  status,
  why,
});

/** By SHA-256 alone: the older header's SHA-1 is not looked at. */
function isSigned(body: Uint8Array, given: string | undefined, secret: string): boolean {
  const [, hex] = /^sha256=([0-9a-f]{64})$/u.exec(given ?? "") ?? [];
  if (hex === undefined) return false;
  return timingSafeEqual(createHmac("sha256", secret).update(body).digest(), Buffer.from(hex, "hex"));
}
