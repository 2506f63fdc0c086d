import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { secretRotation, versionOf } from "./secret-rotation.ts";

describe.skipIf(!needs("moto"))("a secret of Secrets Manager", () => {
  let aws: AwsDouble;
  let secrets: SecretsManager;
  let count = 0;
  const session = awsSession({ region, account: null, profile: null, role: null });
  beforeAll(async () => {
    aws = await awsDouble();
    secrets = new SecretsManager({ region });
  });
  afterAll(async () => {
    secrets.destroy();
    await aws.close();
  });

  async function made(value = "old"): Promise<{ readonly id: string; readonly first: string }> {
    const id = `shop/key-${++count}`;
    const { VersionId: first = "" } = await secrets.createSecret({ Name: id, SecretString: value });
    return { id, first };
  }

  test("it is put aside, tried, made current and taken back, and each step twice is once", async () => {
    const { id, first } = await made();
    const rotation = secretRotation(session, id);
    const version = versionOf("run-1");
    expect(await rotation.putAside("run-1", "new")).toBe(version);
    expect(await rotation.putAside("run-1", "new")).toBe(version);
    expect(await rotation.stages()).toEqual({ current: first, pending: version, previous: null });
    expect(await rotation.pendingValue()).toBe("new");
    await rotation.makeCurrent(version);
    await rotation.makeCurrent(version);
    expect(await rotation.stages()).toMatchObject({ current: version, previous: first });
    await rotation.letPendingGo();
    await rotation.letPendingGo();
    expect(await rotation.stages()).toEqual({ current: version, pending: null, previous: first });
    expect(await rotation.isRotated("run-1")).toBe(true);
    await rotation.takeBack(version);
    await rotation.takeBack(version);
    expect(await rotation.stages()).toMatchObject({ current: first, previous: version });
    expect(await rotation.isRotated("run-1")).toBe(false);
  });

  test("there is nothing to take back where nothing was", async () => {
    const { id, first } = await made();
    const rotation = secretRotation(session, id);
    await expect(rotation.takeBack(first)).rejects.toMatchObject({ code: "not_allowed_now" });
  });
});
