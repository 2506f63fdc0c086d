import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get as getPlain } from "node:http";
import { get as getTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { selfSigned } from "../../../../tools/self-signed.ts";
import { outsideOf } from "./outside.ts";
import type { HttpServer } from "./http-server.ts";
import { assertServable, serveHttp } from "./http-server.ts";
import { appParts, callerFor } from "./testing/app-under-test.ts";

const directory = mkdtempSync(join(tmpdir(), "fairway-http-"));
const { certificate, key, pem } = selfSigned(directory, ["fairway.example.com"]);
const publicUrl = "https://fairway.example.com";
let served: HttpServer | undefined;
afterEach(async () => served?.close());
afterAll(() => rmSync(directory, { recursive: true }));

const statusOf = (
  asking: (answered: (response: IncomingMessage) => void) => ReturnType<typeof getPlain>,
): Promise<number> =>
  new Promise((resolve, reject) => {
    asking((response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    }).on("error", reject);
  });

/** Asks from elsewhere, as a name server would lead there. */
const outside = (path: string, headers: Readonly<Record<string, string>>, ca = pem): Promise<number> =>
  statusOf((answered) =>
    getTls(
      {
        ...{
          host: "127.0.0.1",
          port: served?.outsidePort ?? 0,
          path,
          ca,
          servername: "fairway.example.com",
          agent: false,
        },
        headers: { host: "fairway.example.com", ...headers },
      },
      answered,
    ),
  );

test("beyond this machine it speaks TLS, asks who somebody is, and answers on this machine as before", async () => {
  const parts = appParts({ names: { publicUrl } });
  parts.known.set("admin", callerFor({ grants: [{ role: "admin", project: null, environment: null }] }));
  const place = await outsideOf({ listen: "127.0.0.1:0", publicUrl, tlsCert: certificate, tlsKey: key });
  served = await serveHttp(parts.handlers, {
    ...parts.options,
    host: "127.0.0.1",
    port: 0,
    ...(place === undefined ? {} : { outside: place }),
    before: (request, response, fromOutside) => {
      if (request.url !== "/before") return false;
      response.writeHead(fromOutside ? 404 : 200).end();
      return true;
    },
  });
  const { url } = served;
  const authorization = "Bearer admin";
  expect(await outside("/api/v1/status", {})).toBe(401);
  expect(await outside("/api/v1/status", { authorization })).toBe(200);
  expect(await outside("/livez", { host: "10.0.0.7" })).toBe(200);
  expect(await outside("/before", {})).toBe(404);
  expect(await statusOf((answered) => getPlain(`${url}/before`, { agent: false }, answered))).toBe(200);
  expect(await statusOf((answered) => getPlain(`${url}/api/v1/status`, { agent: false }, answered))).toBe(401);
  expect(
    await statusOf((answered) =>
      getPlain(`${url}/api/v1/status`, { agent: false, headers: { authorization } }, answered),
    ),
  ).toBe(200);
  const inTheClear = `http://127.0.0.1:${served.outsidePort ?? 0}/api/v1/status`;
  const heard = await statusOf((answered) => getPlain(inTheClear, { agent: false }, answered)).catch(() => "nothing");
  expect(heard).toBe("nothing");
});

test("a certificate that is none, or not of its key, is refused before anything is served", async () => {
  const other = selfSigned(mkdtempSync(join(directory, "other-")), ["fairway.example.com"]);
  for (const [tlsCert, tlsKey] of [
    [certificate, other.key],
    [certificate, join(directory, "missing.pem")],
    [key, certificate],
  ] as const)
    await expect(outsideOf({ listen: "127.0.0.1:0", publicUrl, tlsCert, tlsKey })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(tlsKey) as string,
    });
  expect(readFileSync(certificate, "utf8")).toContain("BEGIN CERTIFICATE");
});

test.each(["0.0.0.0", "::", "192.168.0.7", "example.com"])(
  "its own address is this machine's only, not %s",
  async (host) => {
    await expect(assertServable({ host, port: 0 })).rejects.toMatchObject({ code: "refused_listen" });
  },
);
