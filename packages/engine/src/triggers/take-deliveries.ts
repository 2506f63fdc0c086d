import type { ForgeEvent } from "@fairway/core";
import { messageOf, pullRef } from "@fairway/core";
import { deliveryLater, deliveryTaken, eventOf, openDeliveries } from "../store/deliveries.ts";
import { keepDocument } from "../store/documents.ts";
import { diffOf } from "../scanning/diff-scans.ts";
import { keepDiffScan } from "../store/diff-scans.ts";
import { heldRef, noteRef } from "../store/known-refs.ts";
import { notePull } from "../store/pulls.ts";
import type { Store } from "../store/store.ts";
import { keepFirings } from "../store/trigger-firings.ts";
import type { FiringParts } from "./firings-of-event.ts";
import { firingsOf, gone } from "./firings-of-event.ts";
import type { Move } from "./moves-since.ts";
import { rememberFirst } from "./remember-first.ts";

export interface TakeParts extends FiringParts {
  readonly store: Store;
}

/** A forge may be away for longer than this many tries, and what it said is not there any more then. */
const mostTries = 40;

/** Takes what came in, one after the other. One that cannot be taken now is taken later and keeps no other waiting. */
export async function takeDeliveries(store: Store, ready: () => Promise<TakeParts>): Promise<void> {
  const open = await openDeliveries(store);
  if (open.length === 0) return;
  const parts = await ready();
  for (const { number, document, tries } of open) {
    const taken = await eventOf(store, document)
      .then(async (event) => {
        await rememberFirst(store, parts.forge, aboutRefs(event));
        return takeEvent(parts, event, null, number);
      })
      .then(
        () => null,
        (thrown: unknown) => messageOf(thrown),
      );
    if (taken === null) continue;
    if (tries >= mostTries) await deliveryTaken(store, number, `given up: ${taken}`);
    else await deliveryLater(store, number, taken);
  }
}

/**
 * Writes down what fires on an event, in one transaction with what is known of its ref, so that the same told twice, by a
 * webhook and by a look, fires once. Answers whether it was news. May be repeated.
 */
export async function takeEvent(
  parts: TakeParts,
  event: ForgeEvent,
  move: Move | null,
  delivery: number | null = null,
): Promise<boolean> {
  const { store, forge } = parts;
  // What is there at a first look has happened before there was anybody to listen.
  const isNews = move?.isFirst !== true;
  const document = isNews ? await keepDocument(store, JSON.stringify(event)) : "";
  const { firings, ref, refused } = isNews
    ? await firingsOf(parts, event, document)
    : { ...firstSight(event), refused: null };
  const diff = isNews && refused === null ? await diffOf(parts.history, forge, event) : null;
  return store.transaction(async (tx) => {
    let why = refused ?? `${firings.length} fired`;
    let fresh = refused === null && isNews;
    if (ref !== null) {
      const before = await heldRef(tx, forge.name, ref.name);
      // Any change of a pull request that moves nothing (a label, say) is news though the commit is the same.
      const moves = event.kind === "push" || (event.kind === "pull-request" && movingActions.has(event.action));
      if (before === ref.sha && moves) {
        fresh = false;
        why = "was known already";
      } else if (moves && ref.isNewest) await noteRef(tx, forge.name, ref.name, ref.sha);
    }
    if (refused === null) await notePull(tx, forge.name, event, isNews);
    if (fresh && diff !== null) await keepDiffScan(tx, forge.name, diff);
    const kept = fresh ? await keepFirings(tx, firings) : [];
    if (delivery !== null) await deliveryTaken(tx, delivery, why);
    return fresh && (kept.length > 0 || firings.length === 0);
  });
}

const movingActions = new Set(["opened", "synchronize", "reopened", "closed"]);

const aboutRefs = (event: ForgeEvent): ReadonlySet<string> =>
  new Set(event.kind === "push" ? [event.ref] : event.kind === "pull-request" ? [pullRef(event.number)] : []);

/** What a ref is, where nothing is to fire. */
function firstSight(event: ForgeEvent): Pick<Awaited<ReturnType<typeof firingsOf>>, "firings" | "ref"> {
  if (event.kind === "other") return { firings: [], ref: null };
  const ref =
    event.kind === "push"
      ? { name: event.ref, sha: event.after ?? gone, isNewest: true }
      : {
          name: `refs/pull/${event.number}/head`,
          sha: event.state === "closed" ? gone : event.head.sha,
          isNewest: true,
        };
  return { firings: [], ref };
}
