import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { messageOf } from "@fairway/core";
import type { ServiceAddresses } from "../running/job-surroundings.ts";

type Body = Readonly<Record<string, unknown>>;

/** What a service answered: what was asked for, or a "no" with its reason. */
export type ServiceAnswer = { readonly value: Body } | { readonly refused: string };

const prefix = "twirp/github.actions.results.api.v1.";

/**
 * Speaks to the server of caches and artifacts as GitHub's own clients do: calls in JSON, bytes to and from signed
 * addresses. Calls are repeated when the server cannot be reached; then a sentence is thrown.
 */
export class ResultsClient {
  readonly #url: string;
  readonly #token: string;
  readonly #signal: AbortSignal;

  constructor(url: string, token: string, signal: AbortSignal) {
    this.#url = url.endsWith("/") ? url : `${url}/`;
    this.#token = token;
    this.#signal = signal;
  }

  /** A client, where the host of the job says that there is a server. */
  static for(services: ServiceAddresses, signal: AbortSignal): ResultsClient | undefined {
    const { resultsUrl, token } = services;
    return resultsUrl === undefined || token === undefined ? undefined : new ResultsClient(resultsUrl, token, signal);
  }

  /** The run and the job that the token is for; artifacts are a run's own. */
  get run(): { readonly workflow_run_backend_id: string; readonly workflow_job_run_backend_id: string } {
    const [, payload = ""] = this.#token.split(".");
    const { scp = "" } = JSON.parse(Buffer.from(payload, "base64url").toString() || "{}") as { readonly scp?: string };
    const [, run = "", job = ""] = /\bActions\.Results:([^:\s]+):([^:\s]+)/.exec(scp) ?? [];
    return { workflow_run_backend_id: run, workflow_job_run_backend_id: job };
  }

  async call(service: "CacheService" | "ArtifactService", method: string, body: Body): Promise<ServiceAnswer> {
    const address = `${this.#url}${prefix}${service}/${method}`;
    const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/json" };
    const response = await this.#tried(address, async () => {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(60_000)]);
      return fetch(address, { method: "POST", headers, body: JSON.stringify(body), signal });
    });
    const text = await response.text();
    const answer = response.headers.get("content-type")?.includes("json") === true ? (JSON.parse(text) as Body) : {};
    const said = answer["msg"] ?? answer["message"];
    if (response.ok && answer["ok"] !== false) return { value: answer };
    return { refused: typeof said === "string" && said !== "" ? said : response.ok ? "no" : `HTTP ${response.status}` };
  }

  /** Puts a file at a signed address. */
  async upload(address: string, file: string): Promise<void> {
    const { size } = await stat(file);
    await this.#tried(address, async () => {
      const send = address.startsWith("https:") ? httpsRequest : httpRequest;
      const headers = {
        "x-ms-blob-type": "BlockBlob",
        "content-type": "application/octet-stream",
        "content-length": size,
      };
      const request = send(address, { method: "PUT", headers, signal: this.#signal });
      const answered = new Promise<number>((resolve, reject) => {
        request.once("response", (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.once("error", reject);
      });
      const [status] = await Promise.all([answered, pipeline(createReadStream(file), request)]);
      if (status < 200 || status > 299) throw new TypeError(`HTTP ${status}`);
    });
  }

  /** Fetches a signed address into a file. */
  async download(address: string, file: string): Promise<void> {
    await this.#tried(address, async () => {
      const response = await fetch(address, { signal: this.#signal });
      if (!response.ok || response.body === null) throw new TypeError(`HTTP ${response.status}`);
      await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
    });
  }

  async #tried<T>(address: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (thrown) {
        this.#signal.throwIfAborted();
        if (attempt === 3) {
          const cause = (thrown as { readonly cause?: unknown }).cause ?? thrown;
          // The address itself is signed, and so a secret.
          throw new TypeError(`${new URL(address).host} could not be reached: ${messageOf(cause)}`, { cause: thrown });
        }
        await setTimeout(attempt * 200, undefined, { signal: this.#signal });
      }
    }
  }
}
