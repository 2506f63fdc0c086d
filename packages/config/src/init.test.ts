import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectProject } from "./detect.ts";
import { initialiseProject } from "./init.ts";
import { loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import { type ConfigFormat, renderConfig } from "./render-config.ts";
import { testRepository } from "./test-repository.ts";

const manifest = (more: object): string => JSON.stringify({ version: "1.0.0", ...more });

/** The services that are found in these files; both ways to write them down must load without problems. */
async function found(files: Readonly<Record<string, string>>): Promise<ReturnType<typeof detectProject>["services"]> {
  const detected = detectProject(testRepository(files, onTestFinished));
  for (const format of ["yaml", "typescript"] satisfies readonly ConfigFormat[]) {
    const file = format === "yaml" ? "fairway.yaml" : "fairway.config.ts";
    const loaded = await loadProject(
      testRepository({ ...files, [file]: renderConfig(detected, format) }, onTestFinished),
    );
    expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
    expect(loaded.ok && loaded.project.services.map(({ name }) => name).toSorted()).toEqual(
      detected.services.map(({ name }) => name).toSorted(),
    );
  }
  return detected.services;
}

test("an Express service is found with its checks, its start and its health path", async () => {
  const services = await found({
    "package.json": manifest({
      name: "@shop/Web_App",
      scripts: { start: "node server.js", test: "node --test", lint: "eslint . && tsc", build: "tsc" },
      dependencies: { express: "^5.0.0" },
    }),
    "package-lock.json": "{}",
    "server.js": "app.get('/health', ok);\napp.listen(process.env.PORT);\n",
  });
  expect(services).toEqual([
    {
      name: "web-app",
      recognisedBy: "package.json with express",
      config: {
        path: ".",
        prepare: ["npm ci"],
        checks: { lint: "npm run lint", test: { command: "node --test", report: "node-test" } },
        build: { commands: ["npm run build"] },
        run: "node server.js",
        health: "/health",
      },
      unsure: [],
    },
  ]);
});

test("what could only be guessed is said", async () => {
  const services = await found({
    "package.json": manifest({
      name: "api",
      scripts: { start: "NODE_ENV=production node .", test: 'echo "Error: no test specified" && exit 1' },
      dependencies: { koa: "1" },
    }),
    "index.js": "app.listen(3000);\n",
  });
  expect(services[0]?.config).toEqual({ path: ".", prepare: ["npm install"], run: "npm start", health: "/" });
  expect(services[0]?.unsure).toEqual([
    "there is no lockfile, so two builds of one commit may differ; commit one",
    "npm start keeps SIGTERM from the program, so it may be ended in the middle of requests; name the program itself",
    "no health path was found, so / is asked; a path that says whether the service is well is better",
    "it seems to listen on 3000; it must listen on the port that it is given in PORT",
  ]);
});

test("the members of a pnpm workspace are installed where the lockfile is", async () => {
  const services = await found({
    "package.json": manifest({ name: "root", private: true, scripts: { test: "pnpm -r test" } }),
    "pnpm-workspace.yaml": "packages:\n  - 'deep/er/still/*'\n  - apps/site\n",
    "pnpm-lock.yaml": "",
    "apps/site/package.json": manifest({
      name: "site",
      scripts: { build: "next build" },
      dependencies: { next: "15" },
    }),
    "deep/er/still/api/package.json": manifest({ name: "api", dependencies: { fastify: "5" } }),
    "deep/er/still/api/server.mjs": "app.get('/healthz');\napp.listen({ port: process.env.PORT });\n",
    "node_modules/other/package.json": manifest({ name: "other", scripts: { start: "node ." } }),
  });
  expect(services.map(({ name, config }) => [name, config])).toEqual([
    [
      "site",
      {
        path: "apps/site",
        prepare: [{ command: "pnpm install --frozen-lockfile", cwd: "../.." }],
        build: { commands: ["pnpm run build"], output: "../.." },
        run: ["bash", "-c", "cd apps/site && exec node_modules/.bin/next start"],
        health: "/",
      },
    ],
    [
      "api",
      {
        path: "deep/er/still/api",
        prepare: [{ command: "pnpm install --frozen-lockfile", cwd: "../../../.." }],
        build: { output: "../../../.." },
        run: ["bash", "-c", "cd deep/er/still/api && exec node server.mjs"],
        health: "/healthz",
      },
    ],
  ]);
});

test("Python services are found with their tools", async () => {
  const services = await found({
    "inference/requirements.txt": "fastapi==0.115\nuvicorn\npytest\n",
    "inference/app/main.py": "from fastapi import FastAPI\napi = FastAPI()\n\n@api.get('/healthz')\ndef well(): ...\n",
    "site/pyproject.toml": '[project]\ndependencies = ["django>=5", "gunicorn"]\n[tool.ruff]\n',
    "site/uv.lock": "",
    "site/manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    "site/shop/urls.py": "path('up')\n",
    "hook/requirements.txt": "Flask\n",
    "hook/hook.py": "app = Flask(__name__)\n",
    "plain/server.py": "ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Shared).serve_forever()\n",
    "scripts/main.py": "print('no service')\n",
    "shared/health.py": 'if path == "/ping": ok()\n',
  });
  expect(services.map(({ name, config }) => [name, config.run, config.health, config.requires, config.checks])).toEqual(
    [
      [
        "hook",
        ["bash", "-c", 'exec .venv/bin/python -m flask --app hook run --port "$PORT"'],
        "/ping",
        ["python3"],
        undefined,
      ],
      [
        "inference",
        ["bash", "-c", 'exec .venv/bin/python -m uvicorn app.main:api --host 127.0.0.1 --port "$PORT"'],
        "/healthz",
        ["python3"],
        { test: { command: ".venv/bin/python -m pytest", report: "pytest" } },
      ],
      ["plain", "python3 server.py", "/ping", ["python3"], undefined],
      [
        "site",
        ["bash", "-c", 'exec .venv/bin/python -m gunicorn shop.wsgi --bind "127.0.0.1:$PORT"'],
        "/ping",
        ["python3", "uv"],
        { lint: { command: ".venv/bin/python -m ruff check .", report: "ruff" } },
      ],
    ],
  );
});

test("checks are found with the report of the tool that they run", async () => {
  const services = await found({
    "web/package.json": manifest({
      name: "web",
      scripts: { start: "node server.js", lint: "eslint .", typecheck: "tsc --noEmit", test: "vitest run" },
    }),
    "api/package.json": manifest({
      name: "api",
      scripts: { start: "node server.js" },
      devDependencies: { typescript: "5" },
    }),
    "api/eslint.config.mjs": "export default [];",
    "api/tsconfig.json": "{}",
    "api/yarn.lock": "",
    "contracts/package.json": manifest({ name: "contracts", devDependencies: { hardhat: "2" } }),
    "contracts/hardhat.config.cjs": "module.exports = {};",
    "contracts/foundry.toml": "[profile.default]",
    "fuzz/foundry.toml": "[profile.default]",
    "jobs/pyproject.toml":
      '[tool.poetry]\nname = "jobs"\n[tool.poetry.group.dev.dependencies]\npytest = "^9"\nruff = "*"\n[tool.ruff]\n',
  });
  const forge = {
    "forge-build": { command: "forge build", requires: ["forge"], report: "forge" },
    "forge-test": { command: "forge test", requires: ["forge"], needs: ["forge-build"], report: "forge" },
  };
  expect(Object.fromEntries(services.map(({ name, config }) => [name, config.checks]))).toEqual({
    web: {
      lint: { command: "npm run lint", report: "eslint" },
      typecheck: { command: "npm run typecheck", report: "tsc" },
      test: { command: "npm test", report: "vitest" },
    },
    api: {
      lint: { command: "yarn eslint .", report: "eslint" },
      typecheck: { command: "yarn tsc --noEmit", report: "tsc" },
    },
    contracts: { compile: { command: "npx hardhat compile", report: "hardhat" }, ...forge },
    fuzz: forge,
    jobs: {
      lint: { command: ".venv/bin/python -m ruff check .", report: "ruff" },
      test: { command: ".venv/bin/python -m pytest", report: "pytest" },
    },
  });
});

test("where Turborepo or Nx is at the root, it runs the scripts of the packages", async () => {
  const member = {
    "apps/site/package.json": manifest({ name: "@shop/site", scripts: { lint: "eslint .", test: "vitest" } }),
  };
  const root = { "package.json": manifest({ name: "root", workspaces: ["apps/*"] }) };
  const turbo = await found({ ...root, ...member, "pnpm-lock.yaml": "", "turbo.json": '{"tasks": {"lint": {}}}' });
  expect(turbo.map(({ config }) => config.checks)).toEqual([
    {
      lint: { command: "pnpm exec turbo run lint --filter=@shop/site", cwd: "../.." },
      test: { command: "pnpm test", report: "vitest" },
    },
  ]);
  const nx = await found({ ...root, ...member, "package-lock.json": "{}", "nx.json": "{}" });
  expect(nx.map(({ config }) => config.checks)).toEqual([
    {
      lint: { command: "npx nx run @shop/site:lint", cwd: "../.." },
      test: { command: "npx nx run @shop/site:test", cwd: "../.." },
    },
  ]);
});

test("a Vite application without a server of its own is files", async () => {
  const vite = {
    "package.json": manifest({ name: "site", scripts: { build: "vite build" }, devDependencies: { vite: "8" } }),
    "package-lock.json": "{}",
    "index.html": "<div id=root></div>",
    "src/main.js": "app.listen(1)",
  };
  const [site] = await found(vite);
  expect(site?.config).toEqual({
    path: ".",
    prepare: ["npm ci"],
    build: { commands: ["npm run build"], output: "dist" },
    static: { fallback: "index.html" },
  });
  const [other] = await found({ ...vite, "vite.config.ts": "export default { build: { outDir: './public' } }" });
  expect(other?.config.build?.output).toBe("public");
  const [served] = await found({ ...vite, "server.js": "express().listen(process.env.PORT)" });
  expect([served?.config.run, served?.config.static]).toEqual(["node server.js", undefined]);
});

test("members of a Turborepo are built with what they depend on, and libraries leave only what is theirs", async () => {
  const services = await found({
    "package.json": manifest({ name: "root" }),
    "pnpm-workspace.yaml": 'packages:\n  - "apps/*"\n  - "packages/**"\n',
    "pnpm-lock.yaml": "",
    "turbo.json": '{"tasks": {"build": {}, "lint": {}}}',
    "apps/docs/package.json": manifest({
      name: "docs",
      scripts: { build: "next build", start: "next start" },
      dependencies: { next: "16", "@repo/ui": "workspace:*" },
    }),
    "packages/ui/package.json": manifest({
      name: "@repo/ui",
      scripts: { lint: "eslint ." },
      dependencies: { react: "19" },
    }),
    "packages/ui/src/button.tsx": "",
    "packages/tools/cli/package.json": manifest({
      name: "@repo/cli",
      main: "./lib/index.js",
      scripts: { build: "tsc" },
      dependencies: { yargs: "1" },
    }),
  });
  expect(services.map(({ name, config }) => [name, config.build, config.run])).toEqual([
    [
      "docs",
      { commands: [{ command: "pnpm exec turbo run build --filter=docs", cwd: "../.." }], output: "../.." },
      ["bash", "-c", "cd apps/docs && exec node_modules/.bin/next start"],
    ],
    [
      "cli",
      { commands: [{ command: "pnpm exec turbo run build --filter=@repo/cli", cwd: "../../.." }], output: "lib" },
      undefined,
    ],
    ["ui", { output: "src" }, undefined],
  ]);
});

test("a service that Poetry made is started from its own environment, by the names of its modules", async () => {
  const [service] = await found({
    "pyproject.toml":
      '[project]\ndependencies = ["fastapi[standard] (>=0.165.0,<0.166.0)"]\n' +
      '[tool.poetry]\npackages = [{include = "inventory", from = "src"}]\n[dependency-groups]\ndev = ["ruff (>=0.17)"]\n',
    "poetry.lock": "",
    "src/inventory/__init__.py": "",
    "src/inventory/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
  });
  expect(service).toMatchObject({
    recognisedBy: "pyproject.toml with fastapi",
    config: {
      prepare: [{ command: "poetry install", env: { POETRY_VIRTUALENVS_IN_PROJECT: "true" } }],
      checks: { lint: { command: ".venv/bin/python -m ruff check .", report: "ruff" } },
      run: ["bash", "-c", 'exec .venv/bin/python -m uvicorn inventory.main:app --host 127.0.0.1 --port "$PORT"'],
      env: { PYTHONPATH: "src" },
    },
    unsure: [expect.stringContaining("no health path")],
  });
});

test("Go modules, Procfiles and Dockerfiles are found", async () => {
  const services = await found({
    "go/go.mod": "module shop",
    "go/cmd/shop/main.go": 'http.HandleFunc("/livez", ok)\nos.Getenv("PORT")\n',
    "ruby/Procfile": "release: rake db:migrate\nweb: bundle exec puma -p $PORT\n",
    "rust/Dockerfile": 'FROM scratch\nCMD ["/app/server", "--fast"]\n',
  });
  expect(services.map(({ name, config }) => [name, config.run, config.health])).toEqual([
    ["go", "./server", "/livez"],
    ["ruby", ["bash", "-c", "exec bundle exec puma -p $PORT"], "/"],
    ["rust", ["/app/server", "--fast"], "/"],
  ]);
});

test("two services of one name get two names", async () => {
  const service = { "package.json": manifest({ name: "api", scripts: { test: "node --test" } }) };
  const services = await found({
    "a/package.json": service["package.json"],
    "b/package.json": service["package.json"],
    "1st/package.json": manifest({ name: "42", scripts: { test: "node --test" } }),
  });
  expect(services.map(({ name }) => name)).toEqual(["app", "api", "b"]);
});

test("the configuration is commented, and says what to check", () => {
  const detected = detectProject(
    testRepository({ "package.json": manifest({ name: "web", scripts: { start: "node web.js" } }) }, onTestFinished),
  );
  expect(renderConfig({ ...detected, name: "shop" }, "yaml"))
    .toBe(`# What Fairway checks, builds and runs, and where. Every key: docs/reference/configuration.md of Fairway.
# \`fairway config check\` finds mistakes; \`fairway config explain KEY\` says where a value came from.

name: shop
services:
  # Found by its package.json.
  # Please check: no health path was found, so / is asked; a path that says whether the service is well is better.
  # Please check: nothing here reads PORT, and the service must listen on the port that it is given there.
  web:
    path: .
    run: node web.js
    health: /
# With \`previews: {}\` beside this each pull request gets one of its own.
environments:
  # Takes every new release.
  staging: {}
  # Takes what staging has verified, when one person has said yes.
  production:
    approvals: 1
`);
  expect(renderConfig({ ...detected, name: "shop" }, "typescript")).toContain(`
    // Please check: nothing here reads PORT, and the service must listen on the port that it is given there.
    web: {
      path: ".",
      run: "node web.js",
      health: "/",
    },
`);
});

test("init writes TypeScript where its package is a dependency, else YAML, and never over an existing one", async () => {
  const typed = { scripts: { start: "node x.js" }, devDependencies: { "@fairway/config": "1" } };
  const node = testRepository({ "package.json": manifest(typed) }, onTestFinished);
  expect(initialiseProject(node).file).toBe("fairway.config.ts");
  expect((await loadProject(node)).ok).toBe(true);
  const before = readFileSync(join(node, "fairway.config.ts"), "utf8");
  expect(() => initialiseProject(node, { format: "yaml" })).toThrow(
    expect.objectContaining({ code: "not_allowed_now" }),
  );
  expect(readFileSync(join(node, "fairway.config.ts"), "utf8")).toBe(before);
  expect(existsSync(join(node, "fairway.yaml"))).toBe(false);

  const python = testRepository({ "requirements.txt": "", "main.py": "print()" }, onTestFinished);
  expect(initialiseProject(python).file).toBe("fairway.yaml");
  mkdirSync(join(python, "empty"));
  expect(() => initialiseProject(join(python, "empty"))).toThrow(expect.objectContaining({ code: "not_found" }));
});

test("a broken manifest is left to its own tool", () => {
  const root = testRepository(
    { "package.json": "{ broken", "api/main.py": "", "api/requirements.txt": "" },
    onTestFinished,
  );
  expect(detectProject(root).services.map(({ name }) => name)).toEqual(["api"]);
});
