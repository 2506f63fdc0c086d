import type { Sha } from "@fairway/core";
import type { Sql } from "./store.ts";

/** What branches, tags and pull requests were when they were last looked at; `gone` for what is not there any more. */
export async function knownRefs(sql: Sql, forge: string): Promise<ReadonlyMap<string, Sha>> {
  const found = await sql.rows<{ ref: string; sha: Sha }>("select ref, sha from fairway.known_refs where forge = $1", [
    forge,
  ]);
  return new Map(found.map(({ ref, sha }) => [ref, sha]));
}

/** One of them, held until the transaction ends, so that two that tell of it come one after the other. */
export async function heldRef(tx: Sql, forge: string, ref: string): Promise<Sha | null> {
  await tx.rows("select pg_advisory_xact_lock(hashtext($1))", [`fairway.ref ${forge} ${ref}`]);
  const [row] = await tx.rows<{ sha: Sha }>("select sha from fairway.known_refs where forge = $1 and ref = $2", [
    forge,
    ref,
  ]);
  return row?.sha ?? null;
}

/** Notes what a ref is now. */
export async function noteRef(tx: Sql, forge: string, ref: string, sha: Sha | null): Promise<void> {
  if (sha === null) await tx.rows("delete from fairway.known_refs where forge = $1 and ref = $2", [forge, ref]);
  else
    await tx.rows(
      `insert into fairway.known_refs (forge, ref, sha) values ($1, $2, $3)
       on conflict (forge, ref) do update set sha = excluded.sha, seen_at = now()`,
      [forge, ref, sha],
    );
}
