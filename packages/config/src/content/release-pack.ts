import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Duty, ReleasePack } from "@fairway/core";
import { noticeDuty } from "@fairway/core";
import { millisOf } from "../duration.ts";
import type { DutyFacts } from "../duties/duty-of.ts";
import { rolesKnown, writtenDuty } from "../duties/duty-of.ts";
import { list, role, sentence, shared, span } from "../duties/duty-parts.ts";
import { readDutyFile } from "../duties/read-duty-file.ts";
import { watchedFiles } from "../duties/watched-files.ts";
import type { Problem } from "../problems.ts";
import { form } from "../schema-parts.ts";

/** Notice.yaml: who has to have what before a release is deployed, and for how long. */
export interface WrittenNotice {
  readonly owner: string;
  readonly escalation?: readonly string[] | undefined;
  readonly environment?: string | undefined;
  readonly to: readonly string[];
  readonly pack: readonly string[];
  readonly wait?: string | number | undefined;
  readonly task?: string | undefined;
  readonly automation?: string | undefined;
  readonly remind?: readonly number[] | undefined;
}

/** The form of notice.yaml. */
export const noticeForm: z.ZodType<WrittenNotice> = z.strictObject({
  owner: role.meta({ description: "The role that sends it." }),
  environment: form(/^[a-z][a-z0-9-]{0,59}$/u, "must be the name of an environment").optional(),
  to: list(role, "roles")
    .min(1, { error: "must name at least one" })
    .meta({
      description: "The roles that each have to say that they have it.",
      examples: [["support-lead", "compliance-advisor"]],
    }),
  pack: list(sentence, "paths")
    .min(1, { error: "must name at least one" })
    .meta({
      description:
        "The files of the pack. Its digest is theirs: with the same files the time goes on, with others it begins anew.",
      examples: [["ops/content/*"]],
    }),
  wait: span(0).optional().meta({ description: "How long all of them must have had it.", default: "24h" }),
  ...shared,
});

const file = "ops/notice.yaml";
const usualWait = 24 * 3_600_000;

/** The pack of a checkout: its files by their digests. Null where it has no notice.yaml that can be read. */
export function releasePack(directory: string): ReleasePack | null {
  const root = realpathSync(directory);
  if (!existsSync(join(root, file))) return null;
  const { content, problems } = readDutyFile(root, file, noticeForm);
  if (content === null || problems.length > 0) return null;
  const all = watchedFiles(root);
  const files = [...new Set(content.pack.flatMap(all.matching))].toSorted().map((path) => {
    const body = readFileSync(join(root, path));
    return { path, sha256: createHash("sha256").update(body).digest("hex"), bytes: body.length };
  });
  const digest = createHash("sha256")
    .update(JSON.stringify(files.map(({ path, sha256 }) => [path, sha256])))
    .digest("hex");
  return { digest, files, to: content.to, wait: millisOf(content.wait ?? usualWait) ?? usualWait };
}

/** That support and others have had the pack of a release for its time. */
export function noticeDuties(
  root: string,
  facts: DutyFacts,
): { readonly duties: readonly Duty[]; readonly problems: readonly Problem[]; readonly isPart: boolean } {
  const source = readDutyFile(root, file, noticeForm, { owner: "x", to: ["x"], pack: ["ops/*"] });
  const { content, isPart } = source;
  if (content === null) return { duties: [], problems: source.problems, isPart };
  const { to, pack, wait = usualWait, ...rest } = content;
  const title = `${to.join(" and ")} have what a release says`;
  const owed = writtenDuty(
    { id: noticeDuty, at: [], written: { title, ...rest, for: "release", wait } },
    source,
    facts,
  );
  const missing = pack.flatMap((pattern, place) =>
    facts.files.matching(pattern).length > 0
      ? []
      : [source.problem(["pack", place], "path", `no file fits ${pattern}`, "name files of the repository")],
  );
  const unknown = rolesKnown(to, (place) => ["to", place], source, facts);
  return { duties: owed.duties, problems: [...source.problems, ...missing, ...unknown, ...owed.problems], isPart };
}
