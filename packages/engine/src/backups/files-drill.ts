import { existsSync } from "node:fs";
import { readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { RestoredBackup } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { verifyArtifact } from "../artifacts/verify-artifact.ts";
import type { DrillFinding, DrillParts } from "./drill-parts.ts";

type OfFiles = Pick<
  DrillParts,
  "room" | "programs" | "load" | "heartbeat" | "migrations" | "boot" | "leftOut" | "soundness"
>;

const notOfFiles = "does not apply: it holds files, and no database";
const never = async (): Promise<never> => {
  throw new FairwayError("internal", notOfFiles);
};

/** How files that were backed up are looked at: what is of releases is held against its digests. */
export function filesDrill(): OfFiles {
  return {
    leftOut: {
      continuity: "does not apply: files of one moment need no log",
      ...{ start: notOfFiles, heartbeat: notOfFiles, migrations: notOfFiles, boot: notOfFiles },
    },
    room: async (directory) => {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
    ...{ programs: never, load: never, heartbeat: never, boot: never },
    migrations: { recorded: never, found: never, forward: never },
    soundness: soundFiles,
  };
}

/** Every byte of every artifact that came back, held against the digest that it is named for. */
async function soundFiles({ path }: RestoredBackup): Promise<DrillFinding> {
  const store = join(path, "sha256");
  if (!existsSync(store)) return { outcome: "passed", why: "what came back is what was written, byte by byte" };
  const names = await readdir(store);
  for (const name of names) await verifyArtifact(`sha256:${name}`, path);
  return {
    outcome: "passed",
    why: `${names.length} artifacts are what their digests say`,
    facts: { artifacts: names.length },
  };
}
