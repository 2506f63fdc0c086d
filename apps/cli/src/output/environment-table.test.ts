import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProject } from "@fairway/config";
import { environmentWords } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { environmentsAsMarkdown } from "./environment-lines.ts";

const yaml = `name: blockbuilders
services: { api: { run: x } }
environments:
  development:
    purpose: Local development
    url: { frontend: "http://localhost:3000", backend: "http://localhost:8000" }
  staging:
    purpose: Pre-production verification
    url: { frontend: "https://staging.blockbuilders.app", backend: "https://staging-api.blockbuilders.app" }
  production:
    promotesFrom: staging
    purpose: Live environment
    url: { frontend: "https://blockbuilders.app", backend: "https://api.blockbuilders.app" }
`;

/** The table of Blockbuilders' description, as it stands there but for capitals. */
const described = `| Environment | Frontend URL | Backend URL | Purpose |
| --- | --- | --- | --- |
| development | http://localhost:3000 | http://localhost:8000 | Local development |
| staging | https://staging.blockbuilders.app | https://staging-api.blockbuilders.app | Pre-production verification |
| production | https://blockbuilders.app | https://api.blockbuilders.app | Live environment |`;

test("the table of environments that Blockbuilders has written by hand comes out of its configuration", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairway-table-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "fairway.yaml"), yaml);
  const loaded = await loadProject(folder);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const told = loaded.project.environments.map((one) => {
    const words = environmentWords(loaded.project, one);
    return {
      name: one.name,
      purpose: one.purpose,
      urls: [...words.urls],
      ...{ starts: [...words.starts], protection: [...words.protection], scale: [...words.scale] },
    };
  });
  const columns = environmentsAsMarkdown(told).map((row) => `${row.split(" | ").slice(0, 4).join(" | ")} |`);
  expect(columns.join("\n")).toBe(described);
});
