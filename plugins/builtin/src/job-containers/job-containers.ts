import { fileURLToPath } from "node:url";
import type { ContainerCommand, JobContainer, JobContainers, JobContainerSpec, JobContainerState } from "@fairway/core";
import { FairwayError, codeOf, messageOf } from "@fairway/core";
import type Docker from "dockerode";
import { buildImage } from "../container-engine/build-image.ts";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { ensureImage } from "../container-engine/images.ts";
import { outputOf } from "../container-engine/output-frames.ts";
import { removeContainer } from "../container-engine/remove-container.ts";
import { containerHealth } from "./container-health.ts";
import { jobContainerOptions, jobLabel, ownerLabel } from "./job-container-spec.ts";

const program = fileURLToPath(new URL("../../shim/container-command.mjs", import.meta.url));
/** A variable holds 128 KiB at most. */
const variableSize = 100_000;
/** A port that the engine found may be taken by the time it is used. */
const portsTried = 3;

/** The containers of jobs, over the Engine API. `owner` tells those of one daemon from another's: its data directory. */
export function jobContainers(engine: ContainerEngine, owner: string): JobContainers {
  const asking = containerHealth(engine);
  const inspect = (container: string): Promise<Docker.ContainerInspectInfo | null> =>
    engine.call<Docker.ContainerInspectInfo | null>(
      "look at a container",
      async (docker) => docker.getContainer(container).inspect(),
      { 404: () => null },
    );

  async function make(spec: JobContainerSpec, start: boolean): Promise<void> {
    for (let tried = 1; ; tried++) {
      await removeContainer(engine, spec.name);
      try {
        await refusing(`make a container of ${spec.image}`, async () =>
          engine.call(`make ${spec.name}`, async (docker) => {
            const container = await docker.createContainer(jobContainerOptions(spec, owner));
            if (start) await container.start();
          }),
        );
        return;
      } catch (thrown) {
        const isTaken = /address already in use|port is already allocated/i.test(messageOf(thrown));
        if (!isTaken || tried >= portsTried || spec.ports.some(({ host }) => host !== null)) throw thrown;
      }
    }
  }

  return {
    async pull(image, login) {
      const no = await ensureImage(engine, image, { login });
      if (no !== null) throw new FairwayError("command_failed", no);
    },

    async build(image, folder, file) {
      const said: string[] = [];
      const build = { tag: image, context: folder, dockerfile: file, args: {}, labels: {} };
      await buildImage(engine, build, (line) => void said.push(line));
      return said;
    },

    async network(name, job) {
      // Asked first: engines say in different ways that there is one.
      const isThere = await engine.call<boolean>(
        `look for the network ${name}`,
        async (docker) => (await docker.getNetwork(name).inspect()) !== undefined,
        { 404: () => false },
      );
      if (isThere) return;
      await engine.call(`make the network ${name}`, async (docker) =>
        docker.createNetwork({ Name: name, Labels: { [jobLabel]: job, [ownerLabel]: owner } }),
      );
    },

    async ensure(spec, start) {
      const there = await inspect(spec.name);
      const fits =
        there !== null && (start ? there.State.Running : there.State.Status === "created" || there.State.Running);
      if (!fits) await make(spec, start);
      const made = fits ? there : await inspect(spec.name);
      if (made === null) throw new FairwayError("command_failed", `${spec.name} was removed as soon as it was made`);
      return asJobContainer(made);
    },

    async state(id): Promise<JobContainerState | null> {
      const found = await inspect(id);
      if (found === null) return null;
      const running = found.State.Running;
      const { Test } = found.Config.Healthcheck ?? {};
      const asked = Test !== undefined && Test.length > 0 && Test[0] !== "NONE";
      const health = !asked ? "none" : running ? await asking.of(found) : "unhealthy";
      return { running, exitCode: running ? null : found.State.ExitCode, health };
    },

    async lastLines(id) {
      const output = await engine.call<Buffer>(
        "read a container's log",
        async (docker) => docker.getContainer(id).logs({ follow: false, stdout: true, stderr: true, tail: 100 }),
        { 404: () => Buffer.alloc(0) },
      );
      return outputOf(Buffer.from(output)).toString("utf8").trimEnd().split("\n");
    },

    remove: (id) => removeContainer(engine, id),

    async removeAll(job) {
      await removeLabelled(engine, `${jobLabel}=${job}`);
      const images = await engine.call("list images", async (docker) =>
        docker.listImages({ filters: { reference: [`localhost/${job}`] } }),
      );
      for (const tag of images.flatMap(({ RepoTags }) => RepoTags ?? []))
        await engine.call<unknown>("remove an image", async (docker) => docker.getImage(tag).remove(), {
          404: () => null,
          409: () => null,
        });
    },

    inside: async (id, { argv, cwd, env }) =>
      commandOf(["exec", engine.socket, id, cwd, "--", ...argv], inVariables(JSON.stringify(env))),
    whole: async (id) => commandOf(["run", engine.socket, id], {}),
  };
}

/** Takes away what jobs of a daemon have left that was killed, and that nobody goes on with. */
export const endJobContainers = (engine: ContainerEngine, owner: string): Promise<void> =>
  removeLabelled(engine, `${ownerLabel}=${owner}`);

/** Containers first: a network that is in use stays. */
async function removeLabelled(engine: ContainerEngine, label: string): Promise<void> {
  const filters = { label: [label] };
  const containers = await engine.call("list containers", async (docker) =>
    docker.listContainers({ all: true, filters }),
  );
  await Promise.all(containers.map(async ({ Id }) => removeContainer(engine, Id)));
  const networks = await engine.call("list networks", async (docker) => docker.listNetworks({ filters }));
  for (const { Id } of networks)
    await engine.call<unknown>("remove a network", async (docker) => docker.getNetwork(Id).remove(), {
      404: () => null,
    });
}

const commandOf = (words: readonly string[], env: Readonly<Record<string, string>>): ContainerCommand => ({
  argv: [process.execPath, program, ...words],
  env,
});

function inVariables(text: string): Readonly<Record<string, string>> {
  const pieces = [...Array(Math.ceil(text.length / variableSize)).keys()];
  return Object.fromEntries(
    pieces.map((index) => [
      `FAIRWAY_ENVIRONMENT_${index}`,
      text.slice(index * variableSize, (index + 1) * variableSize),
    ]),
  );
}

function asJobContainer({ Id, Config, NetworkSettings }: Docker.ContainerInspectInfo): JobContainer {
  const bound = Object.entries(NetworkSettings.Ports ?? {}) as readonly [
    string,
    readonly { HostPort: string }[] | null,
  ][];
  const path = Config.Env.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length);
  return {
    id: Id,
    ports: Object.fromEntries(
      bound.flatMap(([port, bindings]) => (bindings?.[0] ? [[port, Number(bindings[0].HostPort)]] : [])),
    ),
    path: path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
}

/** What the engine refuses is about what was asked, unless it did not answer at all. */
async function refusing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const answered = thrown instanceof Error && thrown.cause instanceof Error && "statusCode" in thrown.cause;
    if (codeOf(thrown) !== "target_unreachable" || !answered) throw thrown;
    throw new FairwayError("command_failed", `could not ${what}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
