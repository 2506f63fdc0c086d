// Installs Alembic from PyPI and Prisma from the npm registry, into .cache/migration-tools: what users' migrations are written
// with. Quick when they are there. `node tools/migration-tools.mjs`
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const place = fileURLToPath(new URL("../.cache/migration-tools", import.meta.url));
const python = ["alembic>=1.16,<2", "psycopg[binary]>=3.2,<4"];
// The last major whose engine of schemas is in the package too, as WebAssembly; later ones download a program.
const node = { prisma: "~6.19.0", "@prisma/adapter-pg": "~6.19.0" };
const wanted = JSON.stringify({ python, node });

/** Prisma looks for its engines before it uses the one of the package; these are never run. */
const prisma = `#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
PRISMA_QUERY_ENGINE_LIBRARY="$here/none.node" PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1
export PRISMA_QUERY_ENGINE_LIBRARY PRISMA_SCHEMA_ENGINE_BINARY CHECKPOINT_DISABLE PRISMA_HIDE_UPDATE_MESSAGE
exec "$here/node_modules/.bin/prisma" "$@" --config "$here/prisma.config.mjs"
`;

const config = `import { PrismaPg } from "@prisma/adapter-pg";
export default {
  experimental: { adapter: true },
  engine: "js",
  adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL }),
};
`;

const done = join(place, "installed.json");
if ((await readFile(done, "utf8").catch(() => "")) === wanted) {
  console.log("migration tools: there");
} else {
  await rm(place, { recursive: true, force: true });
  await mkdir(join(place, "bin"), { recursive: true });
  await writeFile(join(place, "package.json"), `${JSON.stringify({ private: true, dependencies: node })}\n`);
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"], { cwd: place });
  await run("python3", ["-m", "venv", join(place, "venv")]);
  await run(join(place, "venv/bin/python"), ["-m", "pip", "install", "--quiet", ...python]);
  await symlink("../venv/bin/alembic", join(place, "bin/alembic"));
  await writeFile(join(place, "none.node"), "");
  await writeFile(join(place, "prisma.config.mjs"), config);
  await writeFile(join(place, "bin/prisma"), prisma, { mode: 0o755 });
  await writeFile(done, wanted);
  console.log(`migration tools: installed in ${place}`);
}
