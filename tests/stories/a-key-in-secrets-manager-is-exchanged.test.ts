import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble, region } from "../../plugins/aws/fixtures/double.ts";
import { keptSecret } from "../../plugins/aws/fixtures/kept-secret.ts";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

const patience = 120_000;

/** A vendor whose keys are files. Each doing says that it has come to its place, and waits there until it may go on. */
const program = (vendor: string): string => `set -eu
at() { touch "${vendor}/at-$1"; while ! test -e "${vendor}/go-$1"; do sleep 0.05; done; }
case "$1" in
  create) at create; made="made-$FAIRWAY_ROTATION-key"; touch "${vendor}/key-$made"; echo "$made" ;;
  verify) case "$FAIRWAY_KEY" in first-*) at "old" ;; *) at "new" ;; esac; test -e "${vendor}/key-$FAIRWAY_KEY" || exit 1 ;;
  revoke) at revoke; rm -f "${vendor}/key-$FAIRWAY_KEY" ;;
esac
`;

describe.skipIf(!needs("moto", "time"))("a key that Secrets Manager keeps", () => {
  let aws: AwsDouble;
  let fairway: Fairway;
  let vendor: string;
  beforeAll(async () => {
    vendor = await mkdtemp(join(tmpdir(), "fairway-vendor-"));
    aws = await awsDouble();
    const words = (doing: string): string => `[sh, ops/key.sh, ${doing}]`;
    const rotation = `{ driver: aws-secrets-manager, secret: shop/vendor, region: ${region}, create: ${words("create")}, verify: ${words("verify")}, revoke: ${words("revoke")} }`;
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      ...configFile({ name: "story", services: { web: tinyConfig() } }),
      "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n`,
      "ops/key.sh": program(vendor),
      "ops/credentials.yaml": `credentials:\n  vendor: { vendor: V, kind: key, environments: [staging], owner: lead, rotate: { every: P3M, from: 2099-01-31, run: { rotation: ${rotation} } } }\n`,
    });
  });
  afterAll(async () => {
    await fairway?.end();
    await aws?.close();
    await rm(vendor, { recursive: true, force: true });
  });

  test(
    "is made, tried while nobody uses it, made the current one, and the old one is refused, though the daemon dies in each",
    { timeout: patience },
    async () => {
      const secret = await keptSecret("shop/vendor", "first-key-of-the-vendor");
      await writeFile(join(vendor, "key-first-key-of-the-vendor"), "");
      expect((await fairway.client.call("readDuties", { by })).problems).toEqual([]);
      const run = await fairway.client.call("runDuty", {
        by,
        duty: "credential/vendor@staging:rotate",
        release: null,
      });
      const made = `made-${run.id}-key`;

      /** Dies in a doing, which goes on, and comes back; answers with what the stages were meanwhile. */
      const diesIn = async (doing: string): Promise<unknown> => {
        await until(() => existsSync(join(vendor, `at-${doing}`)), `${doing} has begun`, patience);
        await fairway.kill("SIGKILL");
        await writeFile(join(vendor, `go-${doing}`), "");
        const staged = await secret.staged();
        await fairway.start();
        return staged;
      };
      const [first, second] = ["first-key-of-the-vendor", made];
      expect(await diesIn("create")).toEqual({ AWSCURRENT: first });
      expect(await diesIn("new")).toEqual({ AWSCURRENT: first, AWSPENDING: second });
      expect(await diesIn("revoke")).toMatchObject({ AWSCURRENT: second, AWSPREVIOUS: first });
      expect(await diesIn("old")).toMatchObject({ AWSCURRENT: second, AWSPREVIOUS: first });
      assertEnded(await fairway.settled(run), "succeeded");

      expect(await secret.staged()).toEqual({ AWSCURRENT: second, AWSPREVIOUS: first });
      expect((await readdir(vendor)).filter((name) => name.startsWith("key-"))).toEqual([`key-${second}`]);
      const duty = await fairway.client.call("duty", { duty: "credential/vendor@staging:rotate", limit: 1 });
      expect(duty.evidence).toMatchObject([{ outcome: "passed", facts: { new_works: true, old_refused: true } }]);
      expect(JSON.stringify(duty)).not.toContain(made);
      secret.close();
    },
  );
});
