// Installs Alembic from PyPI and Prisma from the npm registry, into .cache/migration-tools: what users' migrations are written
// with. Quick when they are there. `node tools/migration-tools.mjs`
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installUserTools } from "./install-user-tools.mjs";

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

await installUserTools({
  script: import.meta.url,
  python: ["alembic>=1.16,<2", "psycopg[binary]>=3.2,<4"],
  // The last major whose engine of schemas is in the package too, as WebAssembly; later ones download a program.
  node: { prisma: "~6.19.0", "@prisma/adapter-pg": "~6.19.0" },
  async finish(place) {
    await symlink("../venv/bin/alembic", join(place, "bin/alembic"));
    await writeFile(join(place, "none.node"), "");
    await writeFile(join(place, "prisma.config.mjs"), config);
    await writeFile(join(place, "bin/prisma"), prisma, { mode: 0o755 });
  },
});
