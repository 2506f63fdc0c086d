import type { Digest, Millis } from "@fairway/core";
import { codeOf, FairwayError } from "@fairway/core";
import type { Sealer } from "../sealing/sealer.ts";
import type { LinkPlace } from "../store/approval-link-uses.ts";

/** What a link lets its bearer do: one person's one answer to one question, for a time. */
export interface ApprovalLink extends LinkPlace {
  /** Of what the person was told of. */
  readonly digest: Digest;
  /** Since 1970. */
  readonly expires: Millis;
}

const purpose = "approval-link";

/**
 * The link as it stands in an address: sealed by the key that seals secrets, so that nobody else can make or alter one, and
 * whoever sees one learns nothing of it. Throws `key_unusable`.
 */
export async function sealLink(sealer: Sealer, link: ApprovalLink): Promise<string> {
  const { run, job, attempt, person, digest, expires } = link;
  const body = Buffer.from(JSON.stringify([run, job, attempt, person, digest, expires]));
  return (await sealer.seal(purpose, body)).toString("base64url");
}

/** What a link says. Throws `not_found` for what was never one, and `not_allowed_now` for one whose time is over. */
export async function openLink(sealer: Sealer, token: string, now: Millis): Promise<ApprovalLink> {
  if (!/^[\w-]{40,1000}$/.test(token)) throw noLink();
  const body = await sealer.open(purpose, Buffer.from(token, "base64url")).catch((thrown: unknown) => {
    if (codeOf(thrown) === "seal_broken") throw noLink(thrown);
    throw thrown;
  });
  const [run, job, attempt, person, digest, expires] = JSON.parse(body.toString("utf8")) as [
    ApprovalLink["run"],
    string,
    number,
    string,
    Digest,
    Millis,
  ];
  if (now >= expires)
    throw new FairwayError("not_allowed_now", `this link was good until ${new Date(expires).toISOString()}`, {
      hint: `answer on the command line: fairway approve ${run}`,
    });
  return { run, job, attempt, person, digest, expires };
}

const noLink = (cause?: unknown): FairwayError =>
  new FairwayError("not_found", "this link opens nothing: part of it is missing, or Fairway did not make it", {
    cause,
  });
