import { createHmac } from "node:crypto";
import type { FilteredLines, OutputFilter } from "../commands/output-filter.ts";
import type { Store } from "../store/store.ts";
import type { InventoryParts } from "./inventory-values.ts";
import { inventoryValues } from "./inventory-values.ts";
import type { KnownValue } from "./known-values.ts";
import type { CleanedLines } from "./scan-job.ts";
import type { ScanThread } from "./scan-thread.ts";
import { openScanThread } from "./scan-thread.ts";
import { tellLeaks } from "./tell-leaks.ts";

/** What a command is called whose output is looked at, and the values that it was told itself. */
export interface ScannedCommand {
  readonly shown: string;
  readonly told: readonly string[];
}

/** Looks at what commands write before it is kept. */
export interface OutputScan {
  /** What sees a command's output; undefined where no inventory of credentials says that anything is to be looked for. */
  filterFor(command: ScannedCommand): Promise<(() => OutputFilter) | undefined>;
  close(): Promise<void>;
}

/** What it is opened with. */
export interface OutputScanParts extends InventoryParts {
  readonly store: Store;
  readonly nameSecret: (environment: string, name: string, value: string) => string;
  readonly now: () => number;
}

const deadline = 60_000;
/** Values that are newer than this are not asked for again. */
const fresh = 30_000;
const withheld = "(not shown: nobody could look whether keys stand in it)";

interface Opened {
  readonly thread: ScanThread;
  at: number;
  readonly values: string;
  /** How many lines it looks at now: one that others have taken the place of is ended after those. */
  users: number;
  isOld: boolean;
}

const endUnused = async ({ thread, users, isOld }: Opened): Promise<void> => {
  if (isOld && users === 0) await thread.close();
};

/**
 * Takes known values, and what looks like a key, out of what commands write, in a thread of its own. A value that the command
 * was not told is a leak: it opens an incident, and its exchange is due within a day. Where the scanner does not answer, lines
 * are withheld.
 */
export function openOutputScan(parts: OutputScanParts): OutputScan {
  const naming = parts.nameSecret("scan", "naming", "");
  const nameOf = (value: string): string => createHmac("sha256", naming).update(value).digest("hex").slice(0, 32);
  let opened: Opened | undefined;
  let renewing: Promise<Opened> | undefined;

  function current(): Promise<Opened> {
    if (opened !== undefined && parts.now() - opened.at < fresh) return Promise.resolve(opened);
    return (renewing ??= renewed().finally(() => (renewing = undefined)));
  }

  async function renewed(): Promise<Opened> {
    const [before, at] = [opened, parts.now()];
    let values: readonly KnownValue[];
    try {
      values = await inventoryValues(parts);
    } catch (thrown) {
      // A store that is locked for a while is no reason to know less than before.
      if (before === undefined) throw thrown;
      return before;
    }
    const known = values.map(({ credential, value }) => `${credential} ${nameOf(value)}`).join("\n");
    if (before?.values === known) {
      before.at = at;
      return before;
    }
    opened = { thread: openScanThread({ values, naming }), at, values: known, users: 0, isOld: false };
    if (before !== undefined) await endUnused(Object.assign(before, { isOld: true }));
    return opened;
  }

  async function cleaned(lines: readonly string[]): Promise<CleanedLines> {
    let used: Opened | undefined;
    try {
      used = await current();
      used.users += 1;
      return await used.thread.run({ kind: "lines", lines }, { deadline });
    } catch {
      // Whatever it was, it is told where the lines would stand; the next ones have a thread of their own.
      if (used !== undefined) used.isOld = true;
      if (opened === used) opened = undefined;
      return { lines: lines.length === 0 ? [] : [withheld], credentials: [], rules: [] };
    } finally {
      if (used !== undefined) {
        used.users -= 1;
        await endUnused(used);
      }
    }
  }

  return {
    async filterFor({ shown, told }) {
      const { plan } = await parts.duties.inForce();
      if ((plan.credentials ?? []).length === 0) return undefined;
      const own = new Set(told.map(nameOf));
      return () => ({
        wants: "all",
        tooLong: "withhold",
        async lines(batch): Promise<FilteredLines> {
          const { lines, credentials } = await cleaned(batch);
          const leaked = credentials.filter(({ fingerprint }) => !own.has(fingerprint));
          if (leaked.length > 0) {
            const place = { path: `the output of ${shown}`, line: 1 };
            await tellLeaks(
              parts,
              leaked.map((one) => ({ ...one, ...place })),
              { release: null, at: parts.now() },
            );
          }
          return { lines, masks: [], wants: "all" };
        },
      });
    },
    close: async () => opened?.thread.close(),
  };
}
