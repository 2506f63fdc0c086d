import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { secretRotation, versionOf } from "./secret-rotation.ts";
import { storedExchange } from "./stored-exchange.ts";

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
    expect(await rotation.value(version)).toBe("new");
    await rotation.makeCurrent(version);
    await rotation.makeCurrent(version);
    expect(await rotation.stages()).toMatchObject({ current: version, previous: first });
    await rotation.letPendingGo(first);
    expect(await rotation.stages()).toMatchObject({ pending: version });
    await rotation.letPendingGo(version);
    await rotation.letPendingGo(version);
    expect(await rotation.stages()).toEqual({ current: version, pending: null, previous: first });
    expect(await rotation.isRotated("run-1")).toBe(true);
    await rotation.takeBack(version);
    await rotation.takeBack(version);
    expect(await rotation.stages()).toMatchObject({ current: first, previous: version });
    expect(await rotation.isRotated("run-1")).toBe(false);
  });

  test("an exchange of Fairway's own is found where it stands, whoever comes back", async () => {
    const { id, first } = await made();
    const exchange = () => storedExchange(secretRotation(session, id), id, "run-2");
    const version = versionOf("run-2");
    expect(await exchange().look()).toEqual({ version, before: first, stands: "not begun" });
    await expect(exchange().newValue()).rejects.toMatchObject({ code: "not_allowed_now" });
    await exchange().putAside("made");
    await exchange().putAside("made");
    await expect(exchange().putAside("another")).rejects.toMatchObject({ code: "not_allowed_now" });
    // Somebody else's exchange would lose the only copy of its key.
    const other = storedExchange(secretRotation(session, id), id, "run-3");
    await expect(other.putAside("theirs")).rejects.toMatchObject({
      code: "not_allowed_now",
      message: expect.stringMatching(/another rotation of \S+ is under way/u),
      hint: expect.stringContaining(`--remove-from-version-id ${version}`),
    });
    expect(await exchange().look()).toEqual({ version, before: first, stands: "put aside" });
    expect([await exchange().newValue(), await exchange().oldValue()]).toEqual(["made", "old"]);
    await exchange().makeCurrent();
    expect(await exchange().look()).toEqual({ version, before: first, stands: "current" });
    expect([await exchange().newValue(), await exchange().oldValue()]).toEqual(["made", "old"]);
    await exchange().close();
    await other.putAside("theirs");
    await exchange().close();
    expect(await other.look()).toMatchObject({ before: version, stands: "put aside" });
  });

  test("what is given up can be read until it is let go of, so that its vendor can be told", async () => {
    const { id, first } = await made();
    const exchange = storedExchange(secretRotation(session, id), id, "run-4");
    await exchange.putAside("refused");
    await exchange.takeBack();
    expect([await exchange.newValue(), await exchange.oldValue()]).toEqual(["refused", "old"]);
    await exchange.makeCurrent();
    await exchange.takeBack();
    expect([await exchange.newValue(), await exchange.oldValue()]).toEqual(["refused", "old"]);
    await exchange.close();
    expect(await exchange.look()).toMatchObject({ before: first, stands: "not begun" });
  });

  test("there is nothing to take back where nothing was", async () => {
    const { id, first } = await made();
    const rotation = secretRotation(session, id);
    await expect(rotation.takeBack(first)).rejects.toMatchObject({ code: "not_allowed_now" });
  });
});
