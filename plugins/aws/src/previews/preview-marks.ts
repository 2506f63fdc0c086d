import { createHash } from "node:crypto";
import type { Tag } from "../ecs/service-marks.ts";
import { tagOf } from "../ecs/service-marks.ts";

/** Which service of which preview something at AWS was made for. */
export interface PreviewMarks {
  readonly owner: string;
  readonly environment: string;
  readonly service: string;
}

const keys = {
  owner: "fairway:owner",
  environment: "fairway:preview",
  service: "fairway:service",
} as const satisfies Record<keyof PreviewMarks, string>;

const entries = (marks: PreviewMarks): readonly (readonly [string, string])[] =>
  (Object.keys(keys) as (keyof PreviewMarks)[]).map((name) => [keys[name], marks[name]]);

/** The marks as tags of ECS. */
export const ecsTags = (marks: PreviewMarks): { key: string; value: string }[] =>
  entries(marks).map(([key, value]) => ({ key, value }));

/** The marks as tags of everything else. */
export const awsTags = (marks: PreviewMarks): { Key: string; Value: string }[] =>
  entries(marks).map(([Key, Value]) => ({ Key, Value }));

/** What something was made for; null for what no preview made. */
export function previewMarksOf(tags: readonly Tag[] | undefined): PreviewMarks | null {
  const [owner, environment, service] = [keys.owner, keys.environment, keys.service].map((key) => tagOf(tags, key));
  return owner && environment && service ? { owner, environment, service } : null;
}

/** The name of a preview's target group, of which AWS takes 32 characters. */
export const previewGroupName = ({ owner, environment, service }: PreviewMarks): string =>
  `fwp-${digest(owner, environment, service)}`;

/** The name of the target group that is the daemon at an address, which wakes what sleeps behind a listener. */
export const wakerGroupName = (
  listener: string,
  { host, port }: { readonly host: string; readonly port: number },
): string => `fww-${digest(listener, host, String(port))}`;

/** The name of the secret whose keys are the variables of a preview's service. */
export const previewSecretName = ({ owner, environment, service }: PreviewMarks): string =>
  `fairway/previews/${owner}/${environment}/${service}`;

const digest = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 28);
