import type { TaskDefinition } from "@aws-sdk/client-ecs";
import type { AwsSession } from "../session/aws-session.ts";

/** `arn:…:secret:name-AbCdEf:json-key:version-stage:version-id`; what is left out between the colons is empty. */
const pinnedForm = /^(arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[^:]+):([^:]*):([^:]*):([^:]+)$/u;

/** The secret of a reference that names one version of it; null for every other reference. */
const pinnedSecret = (valueFrom: string): string | null => pinnedForm.exec(valueFrom)?.[1] ?? null;

/** The same reference at another version. */
const atVersion = (valueFrom: string, version: string): string =>
  valueFrom.replace(
    pinnedForm,
    (_all, secret: string, key: string, stage: string) => `${secret}:${key}:${stage}:${version}`,
  );

/**
 * What references to secrets of AWS Secrets Manager become that name a version: the one that is current now, so that a
 * release says which it was given. Values are never read. One call for each secret, and none where nothing is pinned.
 */
export async function currentVersions(
  session: AwsSession,
  { containerDefinitions = [] }: Pick<TaskDefinition, "containerDefinitions">,
): Promise<ReadonlyMap<string, string>> {
  const references = containerDefinitions.flatMap(({ secrets = [] }) =>
    secrets.flatMap(({ valueFrom }) => valueFrom ?? []),
  );
  const found = new Map<string, string>();
  const versions = new Map<string, string | undefined>();
  for (const reference of references) {
    const secret = pinnedSecret(reference);
    if (secret === null) continue;
    if (!versions.has(secret)) {
      const { VersionIdsToStages: stages = {} } = await (await session.secrets()).describeSecret({ SecretId: secret });
      versions.set(
        secret,
        Object.keys(stages).find((version) => stages[version]?.includes("AWSCURRENT")),
      );
    }
    const current = versions.get(secret);
    if (current !== undefined) found.set(reference, atVersion(reference, current));
  }
  return found;
}
