import { createServer, request, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Endpoint, Route, TrafficRouter } from "@fairway/core";
import { withRoute } from "@fairway/core";
import { afterEach, describe, expect, test } from "vitest";
import { routeTo } from "./traffic-router-suite.ts";

/** A router that carries real traffic, as `127.0.0.1:8080`. It holds a request without a replica for a moment at most. */
export interface TrafficRulesWorld {
  readonly router: TrafficRouter;
  readonly publicAddress: string;
  readonly internalAddress: string;
  close(): void | Promise<void>;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each is one chunk; one that is told a length in the headers is sent as it is. */
  readonly body?: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** So that a machine that is busy for a second makes no replica ill. */
const hardlyEver: Route["health"] = { path: "/healthz", interval: 3_600_000, timeout: 60_000 };

/** What every router that carries traffic must hold to, or refuse to be given: what routes allow, and what it says itself. */
export function trafficRulesSuite(name: string, make: () => Promise<TrafficRulesWorld>): void {
  let world: TrafficRulesWorld;
  const servers: (() => void)[] = [];

  async function service(answer: RequestListener = (_, response) => response.end("served")): Promise<Endpoint> {
    const server = createServer(answer);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    servers.push(() => (server.closeAllConnections(), server.close()));
    return { replica: "a.0", host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  async function put(said: Partial<Route>, endpoints?: readonly Endpoint[]): Promise<void> {
    const route: Route = { ...routeTo(endpoints ?? [await service()]), health: hardlyEver, ...said };
    const table = withRoute(await world.router.read(), "test/api", route);
    expect(await world.router.write(table)).toMatchObject({ outcome: "written" });
  }

  const outside = (asked: Asked = {}): Promise<Answer> => ask(world.publicAddress, asked);
  const inside = (path = "/test/api/"): Promise<Answer> => ask(world.internalAddress, { path });

  describe(`traffic rules: ${name}`, () => {
    afterEach(async () => {
      for (const end of servers.splice(0)) end();
      await world.close();
    });

    test("a host that no route has is told so by its name, which cannot say more than a name", async () => {
      world = await make();
      await put({ rules: [{ host: "shop.test", path: "/" }] });
      const unknown = await outside({ headers: { host: "shpo.test:8080" } });
      expect([unknown.status, messageOf(unknown)]).toEqual([404, "no service is routed at shpo.test"]);
      const strange = await outside({ headers: { host: 'a"},b<i>' } });
      expect([400, 404]).toContain(strange.status);
      expect(strange.headers["content-type"]).toBe("application/json");
      expect(messageOf(strange)).toEqual(expect.any(String));
    });

    test("without a replica the answer is 503 and says when to ask again", async () => {
      world = await make();
      await put({}, []);
      const answer = await outside();
      expect([answer.status, Number(answer.headers["retry-after"])]).toEqual([503, 1]);
    });

    test("beyond its rate a client is answered 429 and told when to ask again, and other services are not", async () => {
      world = await make();
      await put({ limits: { requestRate: { perSecond: 0.01, burst: 2 } } });
      const answers = [await outside(), await outside(), await outside()];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
      const wait = Number(answers[2]?.headers["retry-after"]);
      expect(wait).toBeGreaterThan(1);
      expect(wait).toBeLessThanOrEqual(100);
      expect((await inside()).status).toBe(200);
    });

    test("a body beyond its limit does not reach the service whole, whether its length is told or not", async () => {
      world = await make();
      const whole: string[] = [];
      const counting = await service((asked, response) => {
        let body = "";
        asked.setEncoding("utf8").on("data", (part: string) => (body += part));
        asked.on("end", () => response.end("served") && asked.url !== "/healthz" && whole.push(body));
        asked.on("error", () => undefined);
      });
      await put({ limits: { bodyBytes: 10 } }, [counting]);
      const told = (body: string): Asked => ({
        method: "POST",
        headers: { "content-length": String(body.length) },
        body: [body],
      });
      expect((await outside(told("0123456789"))).status).toBe(200);
      expect((await outside(told("0123456789-"))).status).toBe(413);
      expect([411, 413]).toContain((await outside({ method: "POST", body: ["01234", "56789-"] })).status);
      expect((await outside()).status).toBe(200);
      expect(whole).toEqual(["0123456789", ""]);
    });

    test("a head beyond its limit is answered 431", async () => {
      world = await make();
      await put({ limits: { headBytes: 400 } });
      expect((await outside({ headers: { "x-pad": "x".repeat(200) } })).status).toBe(200);
      expect((await outside({ headers: { "x-pad": "x".repeat(400) } })).status).toBe(431);
      expect((await outside({ path: `/${"x".repeat(400)}` })).status).toBe(431);
    });

    test("an answer that does not begin within its time is 504", async () => {
      world = await make();
      const silent = await service(({ url }, response) => void (url === "/healthz" && response.end()));
      await put({ limits: { answerWithin: 100 } }, [silent]);
      expect((await outside({ method: "POST", body: ["x"] })).status).toBe(504);
    });

    test("a route for TLS only sends what comes in the clear to the same place over TLS", async () => {
      world = await make();
      await put({ httpsOnly: true });
      const { status, headers } = await outside({ path: "/a?b=c", headers: { host: "shop.test:8080" } });
      expect([status, headers.location]).toEqual([308, "https://shop.test/a?b=c"]);
      expect((await inside()).status).toBe(200);
    });

    test("under maintenance people get a page and programs JSON, and the health path and other services get through", async () => {
      world = await make();
      await put({ maintenance: { message: `Back at "ten" <soon>\nÄ'`, retryAfter: 30 } });
      const [page, json] = [await outside({ headers: { accept: "text/html, */*" } }), await outside()];
      expect([page.status, page.headers["retry-after"], json.status, json.headers["retry-after"]]).toEqual([
        ...[503, "30"],
        ...[503, "30"],
      ]);
      expect(page.headers["content-type"]).toContain("text/html");
      expect(page.body).toContain("&lt;soon&gt;");
      expect(messageOf(json)).toBe(`Back at "ten" <soon>\nÄ'`);
      expect((await outside({ path: "/healthz" })).status).toBe(200);
      expect((await inside()).status).toBe(200);
    });

    test("a new release meets those it is to meet and keeps them, or the router says that it cannot", async () => {
      world = await make();
      const named = (name: string): Promise<Endpoint> => service((_, response) => response.end(name));
      const groups = (share: number, endpoints: readonly Endpoint[]): Route["groups"] =>
        endpoints.map((endpoint, index) => ({
          release: `r${index + 1}` as Route["groups"][number]["release"],
          weight: index === 0 ? 100 - share : share,
          endpoints: [{ ...endpoint, replica: `r${index + 1}.0` }],
        }));
      const both = [await named("old"), await named("new")];
      const audience: Route["audience"] = {
        release: "r2" as Route["groups"][number]["release"],
        sticky: true,
        match: { headers: { "X-Beta": "yes" } },
      };
      const shared = (share: number): Partial<Route> => ({ groups: groups(share, both), audience });
      const refused = await put(shared(20)).then(
        () => null,
        (thrown: unknown) => JSON.stringify(thrown),
      );
      expect(refused ?? "sticky, match").toMatch(/sticky.*match/u);
      if (refused !== null) return;
      expect((await outside({ headers: { "x-beta": "yes" } })).body).toBe("new");
      const met = await Promise.all(Array.from({ length: 10 }, () => outside()));
      expect(met.filter(({ body }) => body === "new")).toHaveLength(2);
      const cookies = met.map(({ headers }) => headers["set-cookie"]?.[0] ?? "");
      for (const cookie of cookies) expect(cookie).toMatch(/; HttpOnly; SameSite=Lax/u);
      const again = (): Promise<readonly Answer[]> =>
        Promise.all(cookies.map((cookie) => outside({ headers: { cookie: cookie.split(";")[0] ?? "" } })));
      const bodies = async (): Promise<readonly string[]> => (await again()).map(({ body }) => body);
      const first = met.map(({ body }) => body);
      expect(await bodies()).toEqual(first);
      await put(shared(60));
      const grown = await bodies();
      expect(grown.filter((body, index) => first[index] === "new" && body !== "new")).toEqual([]);
      // Who comes back with a cookie is not given another.
      expect((await again()).flatMap(({ headers }) => headers["set-cookie"] ?? [])).toEqual([]);
      await put({ groups: groups(0, both.slice(0, 1)) });
      expect(new Set(await bodies())).toEqual(new Set(["old"]));
      expect((await outside()).headers["set-cookie"]).toBeUndefined();
    });

    test("what got a GET and said nothing costs nothing, and a POST that was sent is never sent again", async () => {
      world = await make();
      const got: string[] = [];
      const dying = await service(({ method = "", url, socket }, response) => {
        if (url === "/healthz") return void response.end();
        got.push(method);
        socket.destroy();
      });
      await put({}, [dying, await service()]);
      const gets = [await outside(), await outside(), await outside(), await outside()];
      expect(gets.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      got.length = 0;
      const posts = [await outside({ method: "POST", body: ["x"] }), await outside({ method: "POST", body: ["x"] })];
      expect(posts.map(({ status }) => status).filter((status) => status !== 200)).toEqual(got.map(() => 502));
    });
  });
}

const messageOf = ({ body }: Answer): string => (JSON.parse(body) as { readonly error: string }).error;

function ask(address: string, { path = "/", method = "GET", headers = {}, body = [] }: Asked): Promise<Answer> {
  const [host = "", port] = address.split(":");
  return new Promise((tell, failed) => {
    const asked = request({ host, port, path, method, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("error", failed);
      answer.on("end", () => tell({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    asked.on("error", failed);
    for (const part of body) asked.write(part);
    asked.end();
  });
}
