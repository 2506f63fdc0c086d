import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { containerEngine } from "../container-engine/container-engine.ts";
import { containerState } from "./container-life.ts";

type Answer = readonly [status: number, body: unknown];

/** An engine that gives these answers, one after the other, and the last one on and on. */
async function engineThatAnswers(...answers: readonly Answer[]): Promise<ContainerEngine> {
  const directory = mkdtempSync(join(tmpdir(), "fairway-engine-"));
  const socket = join(directory, "sock");
  let asked = 0;
  const server = createServer((_, response) => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
  });
  return containerEngine({ address: { kind: "socket", path: socket }, directory });
}

const ended = {
  State: { Running: false, Paused: false, Status: "exited", Pid: 0, ExitCode: 7, OOMKilled: false },
  Config: {},
};

test("a container that ends while it is looked at is looked at again", async () => {
  // Podman 4.3.1, under load.
  const amid: Answer = [500, { message: "read /proc/32446/cgroup: no such process", response: 500 }];
  const engine = await engineThatAnswers(amid, amid, [200, ended]);
  expect(await containerState(engine, "a")).toMatchObject({ phase: "ended", exitCode: 7 });
});

test("any other trouble of the engine is no answer", async () => {
  const engine = await engineThatAnswers([500, { message: "database is locked" }], [200, ended]);
  await expect(containerState(engine, "a")).rejects.toMatchObject({ code: "target_unreachable", retryable: true });
});

test("a container that nobody knows is gone", async () => {
  expect(await containerState(await engineThatAnswers([404, { message: "no such container" }]), "a")).toMatchObject({
    phase: "gone",
  });
});
