import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endJobContainers, jobContainers } from "@fairway/builtin";
import type { JobContainers } from "@fairway/core";
import { runJobInChild } from "@fairway/workflow";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Crash } from "../../packages/workflow/src/running/testing/memory-host.ts";
import type { MemoryHost } from "../../packages/workflow/src/running/testing/memory-host.ts";
import type { Trial, TrialOptions } from "../../packages/workflow/src/running/testing/trial-job.ts";
import {
  removeTrials,
  runTrial,
  trialHost,
  trialInstance,
  trialSurroundings,
} from "../../packages/workflow/src/running/testing/trial-job.ts";
import type { EngineWorld } from "../../plugins/builtin/fixtures/container-world.ts";
import { engineWorld } from "../../plugins/builtin/fixtures/container-world.ts";
import { needs } from "../../tools/skips.ts";

/** A service as databases are: it takes connections on a port of its own, and says by a command whether it is well. */
const service = `
const { createServer } = require("node:http");
const { existsSync, writeFileSync } = require("node:fs");
createServer((request, response) => response.end("hello " + process.env.GREETED)).listen(7000);
setTimeout(() => writeFileSync("/tmp/well", ""), 300);
`;

describe.skipIf(!needs("podman"))("a workflow's containers", () => {
  let engines: EngineWorld;
  /** Of a service that is well after a while, of one that ends at once, and of a tool. */
  let images: { readonly service: string; readonly broken: string; readonly tool: string };
  beforeAll(async () => {
    engines = engineWorld();
    writeFileSync(join(engines.directory, "service.js"), service);
    images = {
      service: await engines.image(
        ["COPY service.js /", 'CMD ["node", "/service.js"]'],
        [join(engines.directory, "service.js")],
      ),
      broken: await engines.image(['CMD ["node", "-e", "console.log(\\"no disk\\"); process.exit(3)"]'], []),
      tool: await engines.image(["ENV INSIDE=yes", "ENV PATH=/opt/tool:/usr/local/bin:/usr/bin"], []),
    };
  }, 180_000);
  afterAll(() => engines.close());
  afterEach(async () => {
    removeTrials();
    const found = await left();
    if (found.length > 0) throw new Error(`the job left ${found.join(", ")}`);
  });

  const run = (job: string, options: TrialOptions = {}): Promise<Trial> =>
    runTrial(job, { containers: watched(), ...options });
  /** The jobs of these tests; others may run on the machine. */
  const jobs = new Set<string>();
  function watched(): JobContainers {
    const containers = jobContainers(engines.engine, engines.directory);
    return {
      ...containers,
      network: (name, job) => containers.network(name, jobs.add(job) && job),
      ensure: (spec, start) => containers.ensure(jobs.add(spec.job) && spec, start),
    };
  }
  /** What these jobs have left behind. */
  async function left(): Promise<readonly string[]> {
    const docker = await engines.engine.connected();
    const found = [...jobs].map(async (job) => {
      const filters = { label: [`dev.fairway.job=${job}`] };
      const containers = await docker.listContainers({ all: true, filters });
      const networks = await docker.listNetworks({ filters });
      return [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
    });
    return (await Promise.all(found)).flat();
  }
  const everything = (host: MemoryHost): string => [...host.logs.values()].flat().join("\n");

  test("steps run in the container of their job, with its files, its PATH and what earlier steps left", async () => {
    const { host, end, conclusions } = await run(
      `
container:
  image: ${images.tool}
  env:
    FROM_CONTAINER: here
  options: --hostname workshop --init
env:
  FROM_JOB: there
steps:
  - run: |
      echo "$INSIDE $FROM_CONTAINER $FROM_JOB $(hostname) $0"
      echo "$PATH"
      echo made > made-inside
      echo "LATER=\${{ job.container.id != '' }}" >> "$GITHUB_ENV"
      echo "/added" >> "$GITHUB_PATH"
      echo "answer=42" >> "$GITHUB_OUTPUT"
    id: first
  - run: cat made-inside; echo "$LATER \${{ steps.first.outputs.answer }} $PATH $SECRET"
    env:
      SECRET: \${{ secrets.TOKEN }}
  - run: exit 7
  - run: echo cleaned
    if: always()
`,
      { secrets: { TOKEN: "geheim-4711" } },
    );
    expect(everything(host)).toContain("yes here there workshop");
    expect(conclusions).toEqual(["success", "success", "failure", "success"]);
    expect(host.text("1")).toContain("/opt/tool:/usr/local/bin:/usr/bin");
    expect(host.text("2")).toContain("made\ntrue 42 /added:/opt/tool:/usr/local/bin:/usr/bin ***");
    expect(host.text("3")).toContain("Process completed with exit code 7.");
    expect(end.result).toBe("failure");
    const words = host.memory.started.flatMap(({ argv }) => argv).join(" ");
    expect(words).not.toContain("geheim");
  });

  test("a JavaScript action runs in the container too", async () => {
    const { host, conclusions } = await run(
      `
container: ${images.tool}
steps:
  - uses: ./action
    with: {who: world}
    id: said
  - run: echo "it said \${{ steps.said.outputs.said }}"
`,
      {
        before({ folders }) {
          const folder = join(folders.workspace, "action");
          mkdirSync(folder);
          writeFileSync(
            join(folder, "action.yml"),
            "name: a\ninputs: {who: {required: true}}\nruns: {using: node20, main: main.js}\n",
          );
          const script = `require("fs").appendFileSync(process.env.GITHUB_OUTPUT, "said=" + process.env.INSIDE + " " + process.env.INPUT_WHO + "\\n");`;
          writeFileSync(join(folder, "main.js"), script);
        },
      },
    );
    expect(everything(host)).toContain("it said yes world");
    expect(conclusions).toEqual(["success", "success"]);
  });

  test("services are waited for, and reached by name from a container and by port from the machine", async () => {
    const services = `
services:
  shop:
    image: ${images.service}
    env: {GREETED: shop}
    ports: ["7000"]
    options: --health-cmd "test -f /tmp/well" --health-interval 200ms --health-retries 500
`;
    const ask = (url: string): string => `node -e 'fetch("${url}").then((a) => a.text()).then(console.log)'`;
    const outside = await run(`${services}
steps:
  - run: ${ask("http://127.0.0.1:${{ job.services.shop.ports['7000'] }}")}
`);
    expect(everything(outside.host)).toContain('The service "shop" is healthy');
    expect(outside.host.text("1")).toContain("hello shop");
    const inside = await run(`${services}
container: ${images.tool}
steps:
  - run: ${ask("http://shop:7000")}
`);
    expect(everything(inside.host)).toContain("hello shop");
  });

  test("a service that ends at once fails the job before its steps, with what it wrote", async () => {
    const { host, end } = await run(`
services:
  broken: {image: "${images.broken}", options: --health-cmd "test -f /tmp/never" --health-retries 1000}
steps:
  - run: echo never
`);
    expect(end.result).toBe("failure");
    expect(end.steps.map(({ name }) => name)).toEqual(["Set up job"]);
    expect(everything(host)).toContain("no disk");
    expect([...host.annotations.values()].map(({ message }) => message)).toEqual([
      'the service "broken" has ended with exit code 3; what it wrote last is above',
    ]);
  });

  test("an image that nobody has fails the job, and says which", async () => {
    const { host } = await run(`
container: localhost/no-such-image:1
steps:
  - run: echo never
`);
    expect([...host.annotations.values()].map(({ message }) => message)).toEqual([
      "the container of the job could not be started: the image localhost/no-such-image:1 is not on this machine",
    ]);
  });

  test("an image is an action, with an entrypoint and arguments", async () => {
    const { host, conclusions } = await run(`
steps:
  - run: echo found > in-workspace
  - uses: docker://${images.tool}
    with:
      entrypoint: /bin/sh
      args: -c 'cat in-workspace; echo "$PWD $INSIDE $GITHUB_WORKSPACE"; echo "n=5" >> "$GITHUB_OUTPUT"'
    id: image
  - run: echo "n is \${{ steps.image.outputs.n }}"
  - uses: docker://${images.tool}
    with: {entrypoint: /bin/false}
`);
    expect(host.text("2")).toContain("found\n/github/workspace yes /github/workspace");
    expect(host.text("3")).toContain("n is 5");
    expect(conclusions).toEqual(["success", "success", "success", "failure"]);
    expect(host.text("4")).toContain("Docker run failed: the container exited with code 1");
  });

  test("an action is built from its Dockerfile, and cleans up in its post step; a failing build names the line", async () => {
    const before = ({ folders }: MemoryHost): void => {
      for (const [name, lines] of [
        ["good", ["COPY say.sh /say.sh"]],
        ["bad", ["# breaks here", "COPY nothing /"]],
      ] as const) {
        const folder = join(folders.workspace, name);
        mkdirSync(folder);
        writeFileSync(join(folder, "Dockerfile"), [`FROM ${images.tool}`, ...lines].join("\n"));
        writeFileSync(
          join(folder, "say.sh"),
          'echo "$1 $INPUT_WHO $STATE_kept"; echo "kept=well" >> "$GITHUB_STATE"\n',
        );
        writeFileSync(
          join(folder, "action.yml"),
          `name: ${name}
inputs: {who: {default: nobody}}
runs:
  using: docker
  image: Dockerfile
  entrypoint: /bin/sh
  args: [/say.sh, "\${{ inputs.who }}"]
  post-entrypoint: /bin/sh
`,
        );
      }
    };
    const { host, conclusions } = await run(
      `
steps:
  - uses: ./good
    with: {who: you}
  - uses: ./bad
`,
      { before },
    );
    expect(host.text("1")).toContain("you you");
    expect(host.text("2")).toMatch(/Dockerfile:3: the image cannot be built/);
    expect(host.text("post-1")).toContain("you you well");
    expect(conclusions.slice(0, 2)).toEqual(["success", "failure"]);
  });

  test("a cancelled step ends in its container too, and nothing of the job is left", async () => {
    const host = trialHost({ containers: watched() });
    const job = run(
      `
container: ${images.tool}
steps:
  - run: |
      trap 'echo told to end; exit 9' INT TERM
      echo begun > begun
      while true; do sleep 0.05; done
`,
      { folder: host.folder, before: cancelWhenBegun },
    );
    const { end } = await job;
    expect(end.result).toBe("cancelled");
  });

  test("a job that goes on after a crash finds its container, and the step in flight", async () => {
    const memory = { records: new Map(), ends: new Map(), printed: new Map(), started: [] };
    const first = trialHost({ containers: watched() });
    const job = `
container: ${images.tool}
steps:
  - run: echo once > /only-in-the-container
  - run: cat /only-in-the-container
`;
    const options = { memory, folder: first.folder, startedAt: first.startedAt };
    const crash: TrialOptions["crash"] = ({ kind, key }) => kind === "after-record" && key === "1";
    await expect(run(job, { ...options, crash })).rejects.toThrow(Crash);
    const { host, conclusions } = await run(job, options);
    expect(conclusions).toEqual(["success", "success"]);
    expect(host.text("2")).toContain("once");
  });

  test("what jobs of a killed daemon left is taken away, and nothing of another's", async () => {
    const [mine, other] = [jobContainers(engines.engine, engines.directory), jobContainers(engines.engine, "other")];
    const name = `fairway-job-left-${randomUUID()}`;
    jobs.add(name);
    await mine.network(name, name);
    await other.network(`${name}-other`, name);
    await endJobContainers(engines.engine, engines.directory);
    expect(await left()).toEqual([`${name}-other`]);
    await other.removeAll(name);
  });

  test("a job in a process of its own has containers too", async () => {
    const host = trialHost({ containers: watched() });
    const instance = trialInstance(`
container: ${images.tool}
steps:
  - run: echo "inside is $INSIDE"
`);
    const end = await runJobInChild(instance, host, trialSurroundings);
    expect(end.result).toBe("success");
    expect(host.text("1")).toContain("inside is yes");
  });

  test("without an engine a job is refused before anything of it runs, with the lines and what to do", async () => {
    const { host, end } = await runTrial(`
container: ${images.tool}
services:
  shop: {image: "${images.service}"}
steps:
  - run: echo never
  - uses: docker://${images.tool}
`);
    expect(end.result).toBe("failure");
    expect(host.memory.started).toEqual([]);
    const [annotation] = host.annotations.values();
    expect(annotation?.message).toMatch(
      /trial\.yml:\d+:\d+: the job "trial" runs in a container, and no container engine/,
    );
    expect(annotation?.message).toMatch(/trial\.yml:\d+:\d+: the job "trial" has service containers/);
    expect(annotation?.message).toContain(`"docker://${images.tool}" is a container`);
    expect(annotation?.message).toContain("--container-engine");
  });
});

/** Cancels the job as soon as its step has begun to work. */
function cancelWhenBegun(host: MemoryHost): void {
  const started = setInterval(() => {
    if (!existsSync(join(host.folders.workspace, "begun"))) return;
    clearInterval(started);
    host.cancel();
  }, 20);
}
