import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createClient, requestHeader } from "./client.ts";
import type { Client } from "./client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** A client of something that answers as the test wants. */
async function clientOf(answer: Answer): Promise<Client> {
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => answer(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** What a call puts on the wire. */
async function wireOf(ask: (client: Client) => Promise<unknown>): Promise<unknown> {
  let seen: unknown;
  const client = await clientOf(({ method, url, headers }, response, body) => {
    seen = { method, url, own: headers[requestHeader], body: body ? JSON.parse(body) : null };
    response.setHeader("content-type", "application/json").end("{}");
  });
  await ask(client);
  return seen;
}

/** What a call is refused with. */
const refusalOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => null,
    (thrown: unknown) => thrown,
  );

describe("a call puts its input where the route wants it", () => {
  test("parameters into the path and the rest into the query", async () => {
    const wire = await wireOf((client) =>
      client.call("plan", { environment: "staging", release: "r2", rollback: "true" }),
    );
    expect(wire).toMatchObject({
      method: "GET",
      url: "/api/v1/environments/staging/plan?release=r2&rollback=true",
      body: null,
    });
  });

  test("parameters into the path and the rest into the body", async () => {
    const wire = await wireOf((client) =>
      client.call("lock", { environment: "staging", by: "ada", reason: "stock-taking" }),
    );
    expect(wire).toEqual({
      method: "POST",
      url: "/api/v1/environments/staging/lock",
      own: "1",
      body: { by: "ada", reason: "stock-taking" },
    });
  });

  test("no parameter leaves its place in the path, and none is sent that was left out", async () => {
    const wire = await wireOf((client) => client.call("plan", { environment: "a/../b?c=d#é", release: undefined }));
    expect(wire).toMatchObject({ url: "/api/v1/environments/a%2F..%2Fb%3Fc%3Dd%23%C3%A9/plan" });
  });
});

describe("a refusal comes back whole", () => {
  const problem = {
    code: "config_invalid",
    message: "the configuration has 1 problem",
    hint: "see: fairway config check",
    retryable: true,
    problems: ["fairway.yaml:3:1 unknown key"],
  };

  test("with its code, sentence, hint and findings", async () => {
    const client = await clientOf((_request, response) => response.writeHead(422).end(JSON.stringify(problem)));
    expect(await refusalOf(client.call("status", {}))).toMatchObject({ name: "FairwayError", ...problem });
  });

  test.each(["", "<h1>Bad gateway</h1>", "null", '{"code":"made_up","message":"x","retryable":false,"problems":[]}'])(
    "%j is no answer of Fairway, and that is what is said",
    async (text) => {
      const client = await clientOf((_request, response) => response.writeHead(502).end(text));
      expect(await refusalOf(client.call("status", {}))).toMatchObject({
        code: "internal",
        message: "GET /api/v1/status was answered 502 by something that is not Fairway",
      });
    },
  );

  test("nobody listens", async () => {
    const client = createClient("http://127.0.0.1:1");
    expect(await refusalOf(client.call("status", {}))).toMatchObject({ code: "daemon_not_running", retryable: true });
  });

  test("the daemon goes away in the middle of its answer", async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"half":', () => response.destroy());
    });
    expect(await refusalOf(client.call("status", {}))).toMatchObject({ code: "daemon_not_running" });
  });
});

describe("a stream", () => {
  const event = (seq: number): string => `id: ${seq}\ndata: ${JSON.stringify({ seq, subject: "run-1" })}\n\n`;
  const events = (response: ServerResponse): ServerResponse =>
    response.writeHead(200, { "content-type": "text/event-stream" });

  async function seqsOf(
    client: Client,
    input: { readonly after?: number } = {},
    signal?: AbortSignal,
  ): Promise<number[]> {
    const seen: number[] = [];
    for await (const { seq } of client.stream("events", input, signal)) seen.push(seq);
    return seen;
  }

  test("gives each event, however the bytes are cut, and ends when the server ends it", async () => {
    const bytes = Buffer.from(
      `: still here\n\n${event(1)}id: 2\ndata: {"seq":2,"subject":"héllo – 配置"}\n\n${event(3)}`,
    );
    const client = await clientOf((_request, response) => {
      events(response);
      const step = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 7), () => step(at + 7));
      };
      step(0);
    });
    const subjects: string[] = [];
    for await (const { subject } of client.stream("events", {})) subjects.push(subject);
    expect(subjects).toEqual(["run-1", "héllo – 配置", "run-1"]);
  });

  test("goes on where an earlier one ended", async () => {
    const client = await clientOf(({ url = "" }, response) => {
      const after = Number(new URL(url, "http://daemon").searchParams.get("after") ?? 0);
      events(response).end(
        [1, 2, 3, 4]
          .filter((seq) => seq > after)
          .map(event)
          .join(""),
      );
    });
    const first = await seqsOf(client);
    expect(first).toEqual([1, 2, 3, 4]);
    expect(await seqsOf(client, { after: first[1] ?? 0 })).toEqual([3, 4]);
  });

  test("ends without a word when its reader leaves", async () => {
    const leave = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    const client = await clientOf((_request, response) => {
      closed = new Promise((resolve) => response.once("close", resolve));
      events(response).write(event(1));
    });
    const seen: number[] = [];
    for await (const { seq } of client.stream("events", {}, leave.signal)) {
      seen.push(seq);
      leave.abort();
    }
    expect(seen).toEqual([1]);
    await closed;
  });

  test("lets go of the connection when its reader has seen enough", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const client = await clientOf((_request, response) => {
      closed = new Promise((resolve) => response.once("close", resolve));
      events(response).write(event(1) + event(2));
    });
    for await (const { seq } of client.stream("events", {})) if (seq === 1) break;
    await closed;
  });

  test("throws what the server met on the way", async () => {
    const problem = { code: "database_unavailable", message: "the database is down", retryable: true, problems: [] };
    const client = await clientOf((_request, response) => {
      events(response).end(`${event(1)}event: problem\ndata: ${JSON.stringify(problem)}\n\n`);
    });
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { seq } of client.stream("events", {})) seen.push(seq);
    };
    expect(await refusalOf(read())).toMatchObject({ name: "FairwayError", ...problem });
    expect(seen).toEqual([1]);
  });

  test("throws when the daemon goes away", async () => {
    const client = await clientOf((_request, response) => {
      events(response).write(event(1), () => response.destroy());
    });
    expect(await refusalOf(seqsOf(client))).toMatchObject({ code: "daemon_not_running", retryable: true });
  });
});

describe("who asks", () => {
  const problem = JSON.stringify({ code: "step_up_required", message: "again", retryable: false, problems: [] });

  test("is shown in a header, and never in the clear beyond this machine", async () => {
    const seen: unknown[] = [];
    const { url } = await clientOf(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end("{}");
    });
    await createClient(url, { token: () => "fw_pat_x" }).call("whoami", {});
    expect(seen).toEqual(["Bearer fw_pat_x"]);
    for (const elsewhere of ["http://fairway.example.com", "http://10.0.0.7:7300", "http://127.0.0.1.nip.io"])
      expect(await refusalOf(createClient(elsewhere, { token: () => "fw_pat_x" }).call("whoami", {}))).toMatchObject({
        code: "bad_request",
        message: expect.not.stringContaining("fw_pat_x") as string,
      });
  });

  test("is not shown to another address that an answer names", async () => {
    const seen: unknown[] = [];
    const { url: other } = await clientOf((_request, response) => {
      seen.push("reached");
      response.end("{}");
    });
    const { url } = await clientOf((_request, response) => response.writeHead(307, { location: other }).end());
    expect(await refusalOf(createClient(url, { token: () => "fw_pat_x" }).call("logout", {}))).toMatchObject({
      code: "internal",
    });
    expect(seen).toEqual([]);
  });

  test("is shown again once where an operation wants that, and then the operation is asked again", async () => {
    let proven = 0;
    const { url } = await clientOf((_request, response) =>
      proven === 1 ? response.end("{}") : response.writeHead(401).end(problem),
    );
    const once = createClient(url, { token: () => "x", proveAgain: async () => ++proven === 1 });
    expect(await once.call("logout", {})).toEqual({});
    expect(await refusalOf(once.call("logout", {}))).toBeNull();
    const never = createClient(url, { token: () => "x", proveAgain: async () => ++proven === 1 });
    proven = 5;
    expect(await refusalOf(never.call("logout", {}))).toMatchObject({ code: "step_up_required" });
    expect(proven).toBe(6);
  });
});
