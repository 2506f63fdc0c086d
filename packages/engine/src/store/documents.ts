import { createHash } from "node:crypto";
import type { Digest } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql } from "./store.ts";

/** Under which a text is kept. */
export const digestOfText = (body: string): Digest =>
  `sha256:${createHash("sha256").update(body, "utf8").digest("hex")}`;

/** Keeps a text under its digest. May be repeated. */
export async function keepDocument(sql: Sql, body: string): Promise<Digest> {
  const digest = digestOfText(body);
  await sql.rows("insert into fairway.documents (digest, body) values ($1, $2) on conflict do nothing", [digest, body]);
  return digest;
}

/** The text that is kept under a digest. Throws `not_found`, and `artifact_damaged` when it is not that text any more. */
export async function documentOf(sql: Sql, digest: Digest): Promise<string> {
  const [row] = await sql.rows<{ body: string }>("select body from fairway.documents where digest = $1", [digest]);
  if (row === undefined) throw new FairwayError("not_found", `there is no document ${digest}`);
  if (digestOfText(row.body) !== digest)
    throw new FairwayError("artifact_damaged", `document ${digest} is not what was stored`, {
      hint: "restore the database from a backup",
    });
  return row.body;
}
