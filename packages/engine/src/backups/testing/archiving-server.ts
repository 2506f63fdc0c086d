import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rename, rm, writeFile, appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { programOf } from "../../database/binaries.ts";
import { ours } from "../../database/cluster.ts";
import { chooseServerUser, commandAs, serverEnvironment } from "../../database/server-user.ts";
import { emptyCluster } from "../empty-cluster.ts";
import { postgresPrograms } from "../postgres-programs.ts";

/** A server of the system's own PostgreSQL that archives its log with pgBackRest, as a team's own would. */
export interface ArchivingServer {
  readonly scratch: string;
  readonly url: string;
  readonly stanza: "shop";
  /** Writes a configuration for a repository of its own, and makes its stanza. */
  repository(name: string, key: string): Promise<{ readonly config: string; readonly path: string }>;
  asked(statement: string): Promise<readonly object[]>;
  /** Has it archive into that repository from now on. */
  archiveTo(name: string): Promise<void>;
  /** Waits until all files of the log that are full are archived. */
  archived(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** Starts one in a temporary folder, which archives into its repository `first`. */
export async function archivingServer(key: string): Promise<ArchivingServer> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "fairway-archive-")));
  const binaries = postgresPrograms("1");
  const user = await chooseServerUser(programOf(binaries, "postgres"), scratch);
  const cluster = join(scratch, "pg");
  await emptyCluster(cluster, { binaries, user });
  const socket = join(scratch, "s");
  await mkdir(socket);
  const configOf = (name: string): string => join(scratch, `${name}.conf`);
  const ask = (name: string, args: readonly string[], cipher = key): Promise<unknown> =>
    run("pgbackrest", [`--config=${configOf(name)}`, "--stanza=shop", "--log-level-file=off", ...args], {
      env: { ...serverEnvironment, PGBACKREST_REPO1_CIPHER_PASS: cipher },
    });
  const write = async (name: string): Promise<string> => {
    const path = join(scratch, name);
    await mkdir(path);
    await writeFile(
      configOf(name),
      [
        ...["[global]", `repo1-path=${path}`, "repo1-cipher-type=aes-256-cbc", "repo1-retention-full=9"],
        ...[`lock-path=${join(scratch, `${name}.lock`)}`, `spool-path=${join(scratch, `${name}.spool`)}`],
        ...["start-fast=y", "compress-type=lz4", "compress-level=1", "archive-timeout=60", "archive-check=y"],
        ...[
          "[shop]",
          `pg1-path=${cluster}`,
          `pg1-socket-path=${socket}`,
          `pg1-user=${ours.user}`,
          "pg1-database=postgres",
        ],
        "",
      ].join("\n"),
    );
    return path;
  };
  await write("first");
  await appendFile(
    join(cluster, "postgresql.conf"),
    [
      ...["listen_addresses = ''", `unix_socket_directories = '${socket}'`, "fsync = off", "archive_mode = on"],
      `archive_command = '${join(scratch, "pgbackrest-archive.sh")} %p'`,
      "",
    ].join("\n"),
  );
  const archive = join(scratch, "pgbackrest-archive.sh");
  await writeFile(
    archive,
    `#!/bin/sh\nPGBACKREST_REPO1_CIPHER_PASS=${key} exec pgbackrest --config="$(cat ${scratch}/archives-to)" --stanza=shop --log-level-file=off archive-push "$1"\n`,
    { mode: 0o755 },
  );
  await writeFile(join(scratch, "archives-to"), configOf("first"));
  const control = (words: readonly string[]): Promise<unknown> => {
    const { file, args, identity } = commandAs(user, join(binaries.directory, "bin", "pg_ctl"), [
      ...["-D", cluster, "-l", join(scratch, "log"), "-w", "-t", "110"],
      ...words,
    ]);
    return run(file, args, { ...identity, env: serverEnvironment, cwd: scratch });
  };
  await control(["start"]);
  await ask("first", ["stanza-create"]);
  const asked = async (statement: string): Promise<readonly object[]> => {
    const client = new Client({ host: socket, port: ours.port, user: ours.user, database: "postgres" });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<object>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    ...{ scratch, stanza: "shop", asked },
    url: `postgresql://${ours.user}@localhost:${ours.port}/postgres?host=${socket}`,
    async repository(name, cipher) {
      const path = name === "first" ? join(scratch, name) : await write(name);
      if (name !== "first") await ask(name, ["stanza-create", "--no-online"], cipher);
      return { config: configOf(name), path };
    },
    // Renamed, so that nobody reads half of it.
    async archiveTo(name) {
      await writeFile(join(scratch, "archives-to.new"), configOf(name));
      await rename(join(scratch, "archives-to.new"), join(scratch, "archives-to"));
    },
    async archived() {
      for (;;) {
        const [row] = (await asked(
          "select count(*)::int as waiting from pg_ls_archive_statusdir() where name like '%.ready'",
        )) as readonly { readonly waiting: number }[];
        if (row?.waiting === 0) return;
      }
    },
    async stop() {
      await control(["stop", "-m", "immediate"]).catch(() => undefined);
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
