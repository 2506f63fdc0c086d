import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accessLogFrom, accessLogArguments } from "../process/access-log-arguments.ts";
import { routerArguments } from "../process/arguments.ts";
import { atEnd, eventually } from "../testing/cleanup.ts";
import { getOnce, group, route, testPlane, type TestPlane } from "../testing/plane.ts";
import { temporaryDirectory, testRouter } from "../testing/router-process.ts";
import { httpService, namedService, rawService } from "../testing/services.ts";
import { AccessLog, type AccessLogSettings } from "./access-log.ts";

type Line = Readonly<Record<string, unknown>>;

const linesOf = (path: string): readonly Line[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

interface Logged extends TestPlane {
  readonly log: AccessLog;
  readonly path: string;
  /** What is in the file once there are that many lines. */
  lines(count: number): Promise<readonly Line[]>;
}

async function loggedPlane(port: number, settings: Partial<AccessLogSettings> = {}): Promise<Logged> {
  const path = join(temporaryDirectory(), "access.log");
  const log = new AccessLog(
    { path, sample: 1, queries: false, rotation: { bytes: 1e6, keep: 2 }, ...settings },
    (error) => {
      throw error;
    },
  );
  log.rotate(true);
  atEnd(() => log.close());
  const test = await testPlane({ web: route([group("r1", [port])]) }, { holdFor: 100 });
  test.plane.accessLog = log;
  const lines = async (count: number): Promise<readonly Line[]> => {
    await eventually(() => (void log.flush(), readdirSync(join(path, "..")).includes("access.log")));
    await eventually(() => (void log.flush(), linesOf(path).length >= count));
    return linesOf(path);
  };
  return { ...test, log, path, lines };
}

const post = "POST /in HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";

describe("the access log", () => {
  it("has one line for each request, with who asked what, who answered, and how it went", async () => {
    const port = await namedService("web");
    const { ask, lines, plane } = await loggedPlane(port);
    await ask(
      getOnce(
        "/shop/7?token=s3cret&page=2&bare",
        "User-Agent: test/1\r\nCookie: s3cret\r\nAuthorization: s3cret\r\nReferer: /s3cret\r\n",
      ),
    );
    await ask(post);
    await ask("GARBAGE\r\n\r\n");
    plane.apply({ version: 2, routes: {} });
    await ask(getOnce("/"));
    const [first, second, garbage, unrouted] = await lines(4);
    expect(first).toEqual({
      at: expect.stringMatching(/^\d{4}-/) as string,
      method: "GET",
      host: "shop.test",
      path: "/shop/7",
      query: "token=…&page=…&…",
      requestId: expect.any(String) as string,
      client: "127.0.0.1",
      listener: "public",
      status: 200,
      outcome: "answered",
      route: "web",
      release: "r1",
      replica: `replica-${port}`,
      tries: 1,
      bytesIn: 0,
      bytesOut: expect.any(Number) as number,
      milliseconds: expect.any(Number) as number,
      userAgent: "test/1",
    });
    expect(JSON.stringify(await lines(4))).not.toContain("s3cret");
    expect(second).toMatchObject({ method: "POST", bytesIn: 5, status: 200 });
    expect(garbage).toMatchObject({ status: 400, outcome: "own answer", error: "malformed request head" });
    expect(unrouted).toMatchObject({
      status: 404,
      outcome: "own answer",
      error: expect.stringMatching(/^no service is routed/),
    });
  });

  it("says when an answer was cut, a client left, or nobody was there, once each", async () => {
    const port = await rawService((socket) =>
      socket.on("data", (head) => {
        if (head.toString().includes("/cut")) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        else if (head.toString().includes("/refused")) socket.destroy();
      }),
    );
    const { ask, client, lines, plane } = await loggedPlane(port);
    await ask(getOnce("/cut"));
    await ask("POST /refused HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    const leaving = client().send(getOnce("/leaves"));
    await eventually(() => plane.endpointStates[0]?.inFlight === 1);
    leaving.socket.resetAndDestroy();
    await lines(3);
    plane.apply({ version: 2, routes: { web: route([]) } });
    await ask(getOnce("/nobody"));
    const found = await lines(4);
    expect(found.map(({ path, status, outcome }) => [path, status, outcome])).toEqual([
      ["/cut", 200, "truncated"],
      ["/refused", 502, "own answer"],
      ["/leaves", 0, "abandoned"],
      ["/nobody", 503, "own answer"],
    ]);
  });

  it("can be a sample, which trouble is always in", async () => {
    const port = await httpService((request, answer) => {
      answer.statusCode = request.url === "/bad" ? 500 : 200;
      answer.end();
    });
    const { ask, lines, log, path } = await loggedPlane(port, { sample: 0 });
    for (let i = 0; i < 5; i++) await ask(getOnce("/good"));
    await ask(getOnce("/bad"));
    expect(await lines(1)).toMatchObject([{ path: "/bad", status: 500 }]);
    await log.close();
    expect(linesOf(path)).toHaveLength(1);
  });

  it("is set aside as it grows, and as many are kept as wanted", async () => {
    const { ask, log, path } = await loggedPlane(await namedService("web"), { rotation: { bytes: 1000, keep: 2 } });
    for (let i = 0; i < 16; i++) {
      await ask(getOnce(`/${i}`));
      await log.flush();
    }
    await log.close();
    const files = readdirSync(join(path, "..")).filter((name) => name.startsWith("access.log"));
    expect(files.filter((name) => name !== "access.log")).toEqual(["access.log.1", "access.log.2"]);
    const kept = ["access.log.2", "access.log.1"].flatMap((name) => linesOf(join(path, "..", name)));
    const numbers = kept.map((line) => Number(String(line["path"]).slice(1)));
    expect(numbers.length).toBeGreaterThan(4);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it("follows a file that somebody else has moved", async () => {
    const { ask, lines, path } = await loggedPlane(await namedService("web"));
    await ask(getOnce("/1"));
    await lines(1);
    renameSync(path, `${path}.moved`);
    await ask(getOnce("/2"));
    expect(await lines(1)).toMatchObject([{ path: "/2" }]);
  });

  it("that cannot be written is said once, counts what it drops, and goes on", async () => {
    const path = join(temporaryDirectory(), "access.log");
    mkdirSync(path);
    const errors: unknown[] = [];
    const log = new AccessLog({ path, sample: 1, queries: true, rotation: { bytes: 1e6, keep: 1 } }, (error) =>
      errors.push(error),
    );
    const access = {
      requestId: "1",
      client: "a",
      listener: "public",
      head: null,
      status: 200,
      outcome: "answered",
    } as const;
    const write = (): void => log.write({ ...access, milliseconds: 1, bytesIn: 0, bytesOut: 0 });
    for (let i = 0; i < 3; i++) {
      write();
      await log.flush();
    }
    expect(errors).toHaveLength(1);
    rmdirSync(path);
    write();
    await log.close();
    expect(linesOf(path)).toMatchObject([{ dropped: 3 }, { status: 200 }]);
  });

  it("is written by the router's worker", async () => {
    const path = join(temporaryDirectory(), "access.log");
    const router = await testRouter({ flags: ["--access-log", path, "--access-log-queries"] });
    await router.control("PUT", "/table", {
      version: 0,
      routes: { web: route([group("r1", [await namedService("web")])]) },
    });
    await fetch(`http://127.0.0.1:${router.port}/x?page=2`);
    await router.stop();
    expect(linesOf(path)).toMatchObject([{ path: "/x", query: "page=2", status: 200 }]);
  });
});

describe("the flags of the access log", () => {
  const addresses = ["--directory", "/tmp/r", "--public", "127.0.0.1:0", "--internal", "127.0.0.1:0"];
  const read = (...flags: readonly string[]): unknown => routerArguments([...addresses, ...flags]);

  it("are refused when they mean nothing", () => {
    expect(read("--access-log-sample", "0.5")).toContain("without --access-log");
    for (const sample of ["2", "1.5", "-1", "x", ""]) {
      expect(read("--access-log", "a", `--access-log-sample=${sample}`)).toContain("between 0 and 1");
    }
    expect(read("--access-log", "a", "--access-log-bytes", "10")).toContain("--access-log-bytes");
    expect(read("--access-log", "a", "--access-log-keep", "many")).toContain("--access-log-keep");
  });

  it("are handed on as they are meant", () => {
    const settings = { path: "/tmp/a", sample: 0.000001, queries: true, rotation: { bytes: 2000, keep: 0 } };
    expect(read(...accessLogArguments(settings))).toMatchObject({ accessLog: settings });
    expect(accessLogFrom({})).toBeNull();
  });
});
