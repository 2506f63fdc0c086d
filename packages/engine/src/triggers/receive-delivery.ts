import { createHash } from "node:crypto";
import type { Delivery, Forge } from "@fairway/core";
import { systemActor } from "@fairway/core";
import { recordAudit } from "../store/audit.ts";
import { keepDelivery } from "../store/deliveries.ts";
import type { TriggerReaderParts } from "./trigger-reader.ts";

/** How a request that says that something happened is answered. */
export interface DeliveryAnswer {
  readonly status: 202 | 400 | 401 | 404 | 409 | 413 | 415;
  readonly why: string;
}

/** Takes what a forge sends: kept before it is answered. */
export async function receiveDelivery(
  { store, log }: Pick<TriggerReaderParts, "store" | "log">,
  forge: Forge,
  name: string,
  delivery: Delivery,
): Promise<DeliveryAnswer> {
  if (forge.name !== name) return { status: 404, why: `no webhooks of ${name} are taken here` };
  const reading = await forge.readDelivery(delivery);
  if (!reading.accepted) return reading;
  const bodyHash = createHash("sha256").update(delivery.body).digest("hex");
  const { delivery: number, event } = reading;
  switch (await keepDelivery(store, { forge: name, delivery: number, bodyHash, event })) {
    case "new":
      return { status: 202, why: event === null ? "listening" : "taken" };
    case "known":
      return { status: 202, why: "was taken before" };
    case "conflict":
      await store.transaction(async (tx) =>
        recordAudit(tx, {
          actor: systemActor,
          action: "webhook.refused",
          subject: name,
          environment: null,
          detail: { delivery: number, why: "the delivery was something else before" },
        }),
      );
      log("warn", `${name} sent delivery ${JSON.stringify(number)} again with another body: it may be a replay`);
      return { status: 409, why: "this delivery was something else before" };
  }
}
