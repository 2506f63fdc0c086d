import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { prometheusMetricsSource } from "./prometheus-metrics-source.ts";

type Answering = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** Something on the network that answers as it likes. */
async function answering(answer: Answering): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => answer(response, request, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const asked = async (answer: Answering, timeout = 20_000): Promise<number | string> =>
  prometheusMetricsSource({ url: await answering(answer), timeout }).ask("up");

const success = (data: unknown): Promise<number | string> =>
  asked((response) => response.end(JSON.stringify({ status: "success", data })));

describe("a query to Prometheus", () => {
  test("gives the one number, asked with the token and the query as they are", async () => {
    const url = await answering((response, { headers, url: path }, body) => {
      const right = headers.authorization === "Bearer t0ken" && path === "/prom/api/v1/query";
      const value = new URLSearchParams(body).get("query") === 'a{b="c & d"}' && right ? "1.5" : "0";
      response.end(
        JSON.stringify({ status: "success", data: { resultType: "vector", result: [{ value: [1, value] }] } }),
      );
    });
    expect(await prometheusMetricsSource({ url: `${url}/prom/`, token: "t0ken" }).ask('a{b="c & d"}')).toBe(1.5);
    expect(await success({ resultType: "scalar", result: [1, "-2"] })).toBe(-2);
  });

  test("gives words for everything that is no number", async () => {
    expect(await success({ resultType: "vector", result: [] })).toContain("empty");
    expect(await success({ resultType: "vector", result: [{ value: [1, "1"] }, { value: [1, "2"] }] })).toContain(
      "2 numbers",
    );
    for (const value of ["NaN", "+Inf", "-Inf", "", 3, null])
      expect(await success({ resultType: "vector", result: [{ value: [1, value] }] })).toContain("no number");
    expect(await success({ resultType: "vector", result: [null] })).toContain("no number");
    expect(await success({ resultType: "matrix", result: [] })).toContain("gives a matrix");
  });

  test("tells what Prometheus says about it, and when something else answers", async () => {
    const refused = JSON.stringify({ status: "error", errorType: "bad_data", error: "parse error: unexpected end" });
    expect(await asked((response) => response.writeHead(400).end(refused))).toBe(
      "Prometheus refused the query: parse error: unexpected end",
    );
    expect(await asked((response) => response.writeHead(200).end("<html>"))).toContain(
      "no Prometheus: HTTP 200, and not JSON",
    );
    expect(await asked((response) => response.writeHead(500).end("null"))).toContain(
      "no Prometheus: HTTP 500, and no result",
    );
  });

  test("follows nobody who sends it elsewhere, reads no endless answer, and waits no longer than it may", async () => {
    expect(await asked((response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end())).toContain(
      "did not answer",
    );
    const endless = asked((response) => {
      const more = (): void => void (response.destroyed || response.write("x".repeat(65_536), more));
      more();
    });
    expect(await endless).toContain("more than 1048576 bytes");
    expect(await asked(() => undefined, 1)).toBe("Prometheus did not answer: not within 0.001 s");
    expect(await asked((response) => response.destroy())).toContain("did not answer");
    expect(await prometheusMetricsSource({ url: "http://127.0.0.1:1" }).ask("up")).toContain("did not answer");
  });
});
