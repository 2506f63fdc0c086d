import { expect, test } from "vitest";
import { engineTrouble } from "./container-engine.ts";

const answered = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message}`), { statusCode, json: { message } });

test("an image with nothing to run is told at once, with what it lacks", () => {
  const podman = "container create: no command or entrypoint provided, and no CMD or ENTRYPOINT from image";
  for (const thrown of [answered(500, podman), answered(400, "No command specified")])
    expect(engineTrouble("make a container", thrown, "/socket")).toMatchObject({
      code: "target_unreachable",
      retryable: false,
      hint: "Give the image a CMD or an ENTRYPOINT in its Dockerfile.",
    });
});

test("what an engine could not do may be tried again, what it refuses may not", () => {
  expect(engineTrouble("make a container", answered(500, "database is locked"), "/socket").retryable).toBe(true);
  expect(engineTrouble("make a container", answered(404, "no such image"), "/socket").retryable).toBe(false);
  expect(engineTrouble("make a container", new Error("ECONNREFUSED"), "/socket").retryable).toBe(true);
});
