import type { KeyObject } from "node:crypto";
import { sign, verify } from "node:crypto";
import type { AuditHead } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Signer } from "../provenance/envelope.ts";

/** Signs where the record ends. */
export function makeHead(
  { kind, number, hash }: Pick<AuditHead, "kind" | "number" | "hash">,
  at: string,
  { id: key, key: privateKey }: Signer,
): AuditHead {
  const unsigned = { kind, number, hash, at, key };
  return { ...unsigned, signature: sign(null, textOf(unsigned), privateKey).toString("base64") };
}

/** Whether a head is as one of these keys has signed it. */
export function signedHead(head: AuditHead, keys: ReadonlyMap<string, KeyObject>): boolean {
  const key = keys.get(head.key);
  return key !== undefined && verify(null, textOf(head), key, Buffer.from(head.signature, "base64"));
}

/** Heads as their file holds them, one a line. Throws `data_directory_unusable` with the line that is none. */
export function headsFrom(text: string, path: string): readonly AuditHead[] {
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== "")
    .map(({ line, number }) => headFrom(line, `${path}:${number}`));
}

function headFrom(line: string, place: string): AuditHead {
  const no = (why: string): FairwayError =>
    new FairwayError("data_directory_unusable", `${place} is no head of the audit: ${why}`, {
      hint: "put the file back from where copies of it go",
    });
  let head: unknown;
  try {
    head = JSON.parse(line);
  } catch (thrown) {
    throw no(messageOf(thrown));
  }
  const { kind, number, hash, at, key, signature } = (head ?? {}) as Partial<AuditHead>;
  const isHead =
    (kind === "head" || kind === "restored") &&
    Number.isSafeInteger(number) &&
    [hash, at, key, signature].every((value) => typeof value === "string");
  if (!isHead) throw no("it has not all that a head has");
  return head as AuditHead;
}

const textOf = ({ kind, number, hash, at, key }: Omit<AuditHead, "signature">): Buffer =>
  Buffer.from(["fairway audit head", kind, number, hash, at, key].join("\n"));
