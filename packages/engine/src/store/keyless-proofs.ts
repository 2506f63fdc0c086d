import type { ReleaseId } from "@fairway/core";
import type { KeylessProof } from "../provenance/keyless-proof.ts";
import type { Sql } from "./store.ts";

/** By whom a release was signed besides by the key of the installation; null where by nobody, or where there is no release. */
export async function keylessProofOf(sql: Sql, id: ReleaseId): Promise<KeylessProof | null> {
  const [row] = await sql.rows<{ keyless_proof: KeylessProof | null }>(
    "select keyless_proof from fairway.releases where id = $1",
    [id],
  );
  return row?.keyless_proof ?? null;
}
