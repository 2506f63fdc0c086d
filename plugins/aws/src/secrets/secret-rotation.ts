import { createHash } from "node:crypto";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";

/** Which version of a secret has which stage; null where none has it. */
export interface SecretStages {
  readonly current: string | null;
  readonly pending: string | null;
  readonly previous: string | null;
}

/**
 * The steps of a rotation of one secret of Secrets Manager, each safe to repeat: a new value is put aside, used by nobody, made
 * the current one, and the old one can be brought back until it is let go. Versions are named by who rotates, so that a
 * second try makes no second version.
 */
export interface SecretRotation {
  stages(): Promise<SecretStages>;
  /** Puts a value aside as AWSPENDING; answers with its version. The same run and the same value are the same version. */
  putAside(run: string, value: string): Promise<string>;
  /** The value of a version; null where there is no such version, or it has no text. */
  value(version: string): Promise<string | null>;
  /** The value in use and the one before it; null for one that there is not. */
  values(): Promise<{ readonly current: string | null; readonly previous: string | null }>;
  /** Makes a version AWSCURRENT; the one that was is AWSPREVIOUS. */
  makeCurrent(version: string): Promise<void>;
  /**
   * Makes AWSPREVIOUS the current one again, where `bad` is current; elsewhere it was taken back already. Throws
   * `not_allowed_now` where there is none.
   */
  takeBack(bad: string): Promise<void>;
  /** Takes AWSPENDING off a version, when its rotation is over or was given up; another's is left alone. */
  letPendingGo(version: string): Promise<void>;
  /** Has a secret rotated by its own function at AWS; the same run asks once. */
  askLambda(run: string): Promise<"asked" | "under way">;
  /** Whether such rotation is over: its version is the current one and nothing else is pending. */
  isRotated(run: string): Promise<boolean>;
}

/** AWS takes 32 to 64 characters: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const versionOf = (run: string): string => createHash("sha256").update(run).digest("hex");

export function secretRotation(session: AwsSession, secret: string): SecretRotation {
  async function stages(): Promise<SecretStages> {
    const { VersionIdsToStages: versions = {} } = await (await session.secrets()).describeSecret({ SecretId: secret });
    const having = (stage: string): string | null =>
      Object.keys(versions).find((version) => versions[version]?.includes(stage)) ?? null;
    return { current: having("AWSCURRENT"), pending: having("AWSPENDING"), previous: having("AWSPREVIOUS") };
  }

  async function valueOf(version: string | null): Promise<string | null> {
    if (version === null) return null;
    try {
      const { SecretString: value } = await (
        await session.secrets()
      ).getSecretValue({ SecretId: secret, VersionId: version });
      return value ?? null;
    } catch (thrown) {
      // AWS takes away versions without a stage.
      if (awsErrorName(thrown) === "ResourceNotFoundException") return null;
      throw thrown;
    }
  }

  async function makeCurrent(version: string): Promise<void> {
    const { current } = await stages();
    if (current === version) return;
    await (
      await session.secrets()
    ).updateSecretVersionStage({
      SecretId: secret,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: version,
      ...(current === null ? {} : { RemoveFromVersionId: current }),
    });
  }

  return {
    stages,
    makeCurrent,

    async putAside(run, value) {
      const secrets = await session.secrets();
      const version = versionOf(run);
      try {
        await secrets.putSecretValue({
          SecretId: secret,
          ClientRequestToken: version,
          SecretString: value,
          VersionStages: ["AWSPENDING"],
        });
      } catch (thrown) {
        if (awsErrorName(thrown) !== "ResourceExistsException") throw thrown;
        throw new FairwayError("not_allowed_now", `${secret} has another value of this rotation already`, {
          hint: "go on with the value that was put aside, or begin another rotation",
        });
      }
      return version;
    },

    value: valueOf,

    async values() {
      const { current, previous } = await stages();
      return { current: await valueOf(current), previous: await valueOf(previous) };
    },

    async takeBack(bad) {
      const { current, previous } = await stages();
      // AWS makes what was current the previous one: a second time would bring the bad one again.
      if (current !== bad) return;
      if (previous === null)
        throw new FairwayError("not_allowed_now", `${secret} has no version before the current one`);
      await makeCurrent(previous);
    },

    async letPendingGo(version) {
      const { pending } = await stages();
      if (pending !== version) return;
      await (
        await session.secrets()
      ).updateSecretVersionStage({ SecretId: secret, VersionStage: "AWSPENDING", RemoveFromVersionId: version });
    },

    async askLambda(run) {
      const version = versionOf(run);
      const { current, pending } = await stages();
      if (current === version || pending === version) return "under way";
      await (
        await session.secrets()
      ).rotateSecret({ SecretId: secret, ClientRequestToken: version, RotateImmediately: true });
      return "asked";
    },

    async isRotated(run) {
      const { current, pending } = await stages();
      return current === versionOf(run) && (pending === null || pending === current);
    },
  };
}
