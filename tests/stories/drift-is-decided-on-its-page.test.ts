import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTofuPlaces } from "../../tools/opentofu-places.mjs";
import { needs } from "../../tools/skips.ts";
import { onDashboard } from "./support/dashboard-page.ts";
import { faultsOfAccess, openDialogs, settled } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// Somebody changes by hand what OpenTofu made, and what is done about it in Chromium, on the page of a real daemon. The tests
// tell one story, in their order.

const tofu = openTofuPlaces.find((one) => existsSync(join(one, "bin"))) ?? "";
const path = process.env["PATH"];
const narrow = { width: 360, height: 740 };
const wide = { width: 1440, height: 900 };

const stackAt = (file: string): string => `terraform {
  required_providers {
    local = { source = "mirror.invalid/hashicorp/local" }
  }
}
resource "local_file" "motd" {
  filename = "${file}"
  content  = "welcome"
}
`;

describe.skipIf(!needs("chromium", "opentofu"))("on the page of the infrastructure", () => {
  let fairway: Fairway;
  let motd: string;

  beforeAll(async () => {
    process.env["PATH"] = `${join(tofu, "bin")}${delimiter}${path ?? ""}`;
    fairway = await openFairway({ "web/server.mjs": tinyService() });
    motd = join(fairway.place, "motd");
    const settings = join(fairway.place, "settings.tfrc");
    await writeFile(
      settings,
      `provider_installation {\n  filesystem_mirror {\n    path = "${tofu}/providers"\n  }\n}\n`,
    );
    const first = await fairway.ship("Begin", {
      "infrastructure/world/main.tf": stackAt(motd),
      ...configFile({
        name: "story",
        services: { web: tinyConfig() },
        infrastructure: {
          world: {
            folder: "infrastructure/world",
            program: "tofu",
            preventDestroy: false,
            env: { TF_CLI_CONFIG_FILE: settings },
          },
        },
        environments: stagingOnly(),
      }),
    });
    assertEnded(first, "succeeded");
  });
  afterAll(async () => {
    await fairway?.end();
    process.env["PATH"] = path;
  });

  async function takenAwayByHand(): Promise<void> {
    await rm(motd);
    assertEnded(
      await fairway.settled(await fairway.client.call("lookForDrift", { environment: "staging", by })),
      "succeeded",
    );
  }
  const atThePage = (act: (page: Page) => Promise<void>): Promise<void> =>
    onDashboard(fairway.client.url, "infrastructure", async (page) => {
      await settled(page);
      await act(page);
    });
  const finding = "local_file.motd";
  const none = "No difference is known between the code and the world";

  test("a difference says which resource, who changed it and what would be done, for everybody and on a telephone", async () => {
    await atThePage(async (page) => {
      await page.getByText(none).waitFor();
      await takenAwayByHand();
      // The page is open, and nobody loads it again.
      const row = page.getByRole("listitem").filter({ hasText: finding });
      await row.waitFor();
      expect(await row.textContent()).toMatch(
        /changed past the code.*world in staging · would destroy.*nobody owns it/su,
      );
      for (const size of [wide, narrow]) {
        await page.setViewportSize(size);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(await faultsOfAccess(page)).toEqual([]);
        const seen: string[] = [];
        await openDialogs(page, async (verb) => {
          seen.push(verb);
          expect(await faultsOfAccess(page, "dialog[open]")).toEqual([]);
        });
        expect(seen).toEqual(expect.arrayContaining(["Adopt", "Apply the code", "Ignore …", "Owner …"]));
      }
    });
  }, 180_000);

  test("it is given to somebody, and then the code is applied again", async () => {
    await atThePage(async (page) => {
      await page.getByRole("button", { name: "Owner …" }).click();
      await page.getByRole("textbox", { name: "Who" }).fill("ops@example.com");
      await page.getByRole("button", { name: "Give it to ops@example.com" }).click();
      await page.getByText("owned by ops@example.com").waitFor();

      await page.getByRole("button", { name: "Apply the code" }).click();
      await page.getByRole("button", { name: "Plan it" }).click();
      await page.waitForURL(/\/runs\//u);
      const run = new URL(page.url()).pathname.split("/").at(-1) ?? "";
      assertEnded(await fairway.settled({ id: run }), "succeeded");
    });
    expect(await readFile(motd, "utf8")).toBe("welcome");
  }, 180_000);

  test("what is left alone for a time with a reason is not told again", async () => {
    await takenAwayByHand();
    await atThePage(async (page) => {
      await page.getByRole("button", { name: "Ignore …" }).click();
      const leave = page.getByRole("button", { name: "Leave it alone for 30 days" });
      // Not without a reason.
      expect(await leave.isEnabled()).toBe(false);
      await page.getByRole("textbox", { name: "Why" }).fill("the file server is being moved");
      await leave.click();
      await page.getByText(none).waitFor();
    });
    assertEnded(
      await fairway.settled(await fairway.client.call("lookForDrift", { environment: "staging", by })),
      "succeeded",
    );
    expect(await fairway.client.call("drift", {})).toEqual([]);
  }, 180_000);
});
