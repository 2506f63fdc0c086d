import { messageOf } from "@fairway/core";
import type { DataDirectory } from "@fairway/engine";
import { endCommands } from "@fairway/engine";
import type { Composition } from "../compose.ts";

/** What a replica gets to end itself when everything ends; it has been off the router before. */
const lastGrace = 30_000;

/** Lets go of what runs, or ends it when nothing is to stay. */
export async function endServices(
  { host, router, endEngine }: Composition,
  keep: boolean,
  { steps }: DataDirectory,
): Promise<void> {
  if (!keep) {
    await router.stop();
    // What a check or a build runs goes with the rest, and begins anew with the next daemon.
    await Promise.all([host.stopAll(lastGrace), endCommands(steps)]);
  }
  host.close();
  if (!keep) await endEngine();
}

/** A start that failed leaves router and services as it found them: what ran before may carry people. */
export async function undoStart({ host, router, endEngine }: Composition, anyAlive: boolean): Promise<void> {
  if (router.found === "not running") await router.stop();
  if (!anyAlive) await host.stopAll(lastGrace);
  host.close();
  if (!anyAlive) await endEngine();
}

/** Undoes in reverse order; one thing that cannot be undone keeps no other from it. */
export async function undo(opened: (() => Promise<void>)[], tell: (message: string) => void): Promise<void> {
  for (const step of opened.splice(0).toReversed())
    await step().catch((thrown: unknown) => tell(`while ending: ${messageOf(thrown)}`));
}
