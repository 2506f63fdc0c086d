import { AsyncLocalStorage } from "node:async_hooks";
import type { Actor } from "@fairway/core";
import { systemActor } from "@fairway/core";

const acting = new AsyncLocalStorage<Actor>();

/**
 * Does something for somebody: whatever is put on record meanwhile, however deep, names them. So no function between a request
 * and the transaction that carries it out need hand on who asked.
 */
export const actingAs = <Result>(actor: Actor, work: () => Result): Result => acting.run(actor, work);

/** For whom something is done here; Fairway itself, where nobody asked. */
export const whoActs = (): Actor => acting.getStore() ?? systemActor;
