import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { clusterDrill } from "./cluster-drill.ts";
import { postgresPrograms } from "./postgres-programs.ts";

test.skipIf(!needs("postgresql"))(
  "files of a cluster are started by programs of their own major version alone",
  async () => {
    const places = await mkdtemp(join(tmpdir(), "fairway-cluster-"));
    try {
      const { programs } = clusterDrill({
        ...{ database: null, superuser: "postgres", heartbeat: null, places, boot: null },
        closing: new AbortController().signal,
      });
      const { major } = postgresPrograms("1");
      expect((await programs(`${major}.4`)).binaries.major).toBe(major);
      await expect(programs("9.4")).rejects.toMatchObject({
        code: "command_failed",
        hint: "install the package postgresql-9",
      });
    } finally {
      await rm(places, { recursive: true });
    }
  },
);
