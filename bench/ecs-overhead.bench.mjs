import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commit, median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "a deployment of four services to ECS, looked at each 250 ms, beyond ECS's own time";
export const goal = { atMost: 2000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);
const region = "eu-central-1";
const names = ["frontend", "api", "realtime", "inference"];
/** One moment of the double, in which a task starts or one ends. */
const moment = 500;
const python = fileURLToPath(new URL("../.cache/moto/venv/bin/python", import.meta.url));
const program = fileURLToPath(new URL("../plugins/aws/fixtures/double/server.py", import.meta.url));

/** @param {number} release */
const configuration = (release) => `
name: bench
services:
${names.map((of) => `  ${of}: { path: ., container: { image: "registry.example.com/${of}@sha256:${String(release).padStart(64, "0")}" }, replicas: 4 }`).join("\n")}
environments:
  production:
    ecs: { region: ${region}, cluster: bench, poll: 250ms, services: { ${names.map((of) => `${of}: { service: ${of} }`).join(", ")} } }
`;

export async function run() {
  if (!existsSync(python)) return { skipped: "moto is not here: node tools/moto.mjs" };
  const child = spawn(python, [program], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  try {
    const [port] = await once(createInterface(child.stdout), "line");
    const url = `http://127.0.0.1:${port}`;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
    await ask(url, "CreateCluster", { clusterName: "bench" });
    for (const of of names) {
      await register(url, of, "first");
      await ask(url, "CreateService", { cluster: "bench", serviceName: of, taskDefinition: of, desiredCount: 4 });
    }
    await fetch(`${url}/_double/tick-every`, { method: "POST", body: JSON.stringify({ millis: moment }) });
    return await measured(url);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

/** @param {string} url */
const measured = (url) =>
  withProduct(configuration(0), async ({ client, repository }) => {
    const found = [];
    const without = [];
    for (let round = 0; round <= rounds; round++) {
      await writeFile(join(repository, "fairway.yaml"), configuration(round + 1));
      await commit(repository, `Release ${round}`);
      await succeeded(client(), (await client().call("makeRelease", { by: "bench", deploy: false })).id);
      const release = `r${round + 1}`;
      const own = await ownTime(url, round);
      const began = performance.now();
      await succeeded(
        client(),
        (await client().call("deploy", { environment: "production", release, by: "bench" })).id,
      );
      // The first loads what AWS is asked with.
      if (round === 0) continue;
      found.push(performance.now() - began);
      without.push(own);
    }
    const anchor = median(without);
    return { ours: median(found) - anchor, anchor, unit: "ms" };
  });

/**
 * What ECS needs when somebody asks it for the four by hand, and does nothing but look. @param {string} url @param {number}
 * round
 */
async function ownTime(url, round) {
  const made = await Promise.all(names.map((of) => register(url, of, `by-hand-${round}`)));
  const began = performance.now();
  await Promise.all(
    names.map((of, index) => ask(url, "UpdateService", { cluster: "bench", service: of, taskDefinition: made[index] })),
  );
  for (;;) {
    const { services } = await ask(url, "DescribeServices", { cluster: "bench", services: names });
    if (services.every(({ deployments }) => deployments.length === 1 && deployments[0].rolloutState === "COMPLETED"))
      return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @param {string} url @param {string} family @param {string} image @returns {Promise<string>} */
async function register(url, family, image) {
  const containerDefinitions = [{ name: "web", image: `registry.example.com/${image}`, memory: 64 }];
  const { taskDefinition } = await ask(url, "RegisterTaskDefinition", { family, containerDefinitions });
  return taskDefinition.taskDefinitionArn;
}

/** A call of ECS by hand, as its JSON protocol has it. @param {string} url @param {string} action @param {object} input */
async function ask(url, action, input) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AmazonEC2ContainerServiceV20141113.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/ecs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
