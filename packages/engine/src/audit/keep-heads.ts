import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AuditHead } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Signer } from "../provenance/envelope.ts";
import { hashOfRow, lastRow } from "../store/audit-rows.ts";
import type { Sql } from "../store/store.ts";
import { headsFrom, makeHead } from "./audit-head.ts";

/** Keeps signed heads of the record in a file outside the database: one for each day, the newest as new as can be. */
export interface HeadKeeper {
  readonly path: string;
  /** The oldest first; none when the file is not there. */
  read(): Promise<readonly AuditHead[]>;
  /**
   * Writes down where the record ends now, unless that is known. Throws `needs_attention` when the record does not go on from
   * where it was: what was vouched for is never overwritten. May be repeated. Whoever knows the hash of the newest row saves a
   * look.
   */
  write(newest?: string): Promise<void>;
  /** The same after a restore, which rightly took the record back. */
  restored(): Promise<void>;
}

export function headKeeper(sql: Sql, path: string, signer: Signer): HeadKeeper {
  const read = async (): Promise<readonly AuditHead[]> =>
    headsFrom(
      await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === "ENOENT") return "";
        throw thrown;
      }),
      path,
    );

  // What was written last, so that the file is not read each second although nothing happens.
  let written: string | undefined;

  async function add(kind: AuditHead["kind"]): Promise<void> {
    const last = await lastRow(sql);
    if (kind === "head" && last !== null && last.hash === written) return;
    const heads = await read();
    const newest = heads.at(-1);
    if (kind === "head") {
      if (newest !== undefined && newest.number > 0 && (await hashOfRow(sql, newest.number)) !== newest.hash)
        throw new FairwayError("needs_attention", `the audit does not go on from row ${newest.number}, where it was`, {
          hint: "see what happened to it: fairway audit verify",
        });
      if (last !== null && last.number === newest?.number) written = last.hash;
      if (last === null || last.number === newest?.number) return;
    }
    const head = makeHead(
      { kind, number: last?.number ?? 0, hash: last?.hash ?? "" },
      new Date().toISOString(),
      signer,
    );
    const isSameDay = kind === "head" && newest?.kind === "head" && newest.at.slice(0, 10) === head.at.slice(0, 10);
    await writeWhole(
      path,
      [...(isSameDay ? heads.slice(0, -1) : heads), head].map((one) => JSON.stringify(one)),
    );
    written = head.hash;
  }

  return {
    path,
    read,
    write: async (newest) => {
      if (newest === undefined || newest !== written) await add("head");
    },
    restored: () => add("restored"),
  };
}

/** The old file or the new one, whatever happens. */
async function writeWhole(path: string, lines: readonly string[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = join(folder, `.head.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(lines.map((line) => `${line}\n`).join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    const directory = await open(folder, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } finally {
    await rm(aside, { force: true });
  }
}
