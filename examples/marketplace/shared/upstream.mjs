import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

import { Problem } from "./problem.mjs";

const answerLimit = 1024 * 1024;

/**
 * Another service of this environment, called by the base URL it is known under. An answer of any status is a value;
 * that no answer came is a Problem (502, or 504 after `timeout`), and so is a service that this environment does not
 * have (503).
 */
export function createUpstream({ name, baseUrl, timeout = 5000 }) {
  const base = baseUrl ? new URL(baseUrl) : null;
  const secure = base?.protocol === "https:";
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 64 });

  const once = (method, path, { body, headers = {} }) =>
    new Promise((resolve, reject) => {
      const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
      const url = new URL(`${base.pathname.replace(/\/$/, "")}${path}`, base);
      const call = (secure ? httpsRequest : httpRequest)(url, {
        method,
        agent,
        signal: AbortSignal.timeout(timeout),
        headers: {
          accept: "application/json",
          ...(bytes ? { "content-type": "application/json", "content-length": bytes.length } : {}),
          ...headers,
        },
      });
      call.on("error", (error) => reject(Object.assign(error, { onReusedConnection: call.reusedSocket })));
      call.on("response", (response) => {
        const chunks = [];
        let size = 0;
        response.on("error", reject);
        response.on("data", (chunk) => {
          size += chunk.length;
          if (size > answerLimit) response.destroy(new Error(`the answer has more than ${answerLimit} bytes`));
          else chunks.push(chunk);
        });
        response.on("end", () => {
          try {
            resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) });
          } catch {
            reject(new Error(`the answer (status ${response.statusCode}) is no JSON`));
          }
        });
      });
      call.end(bytes ?? undefined);
    });

  async function attempt(method, path, options) {
    try {
      return await once(method, path, options);
    } catch (error) {
      // An idle connection can be closed by the other side while the request is on its way. Asking again is safe for
      // POST as well, because every POST of this market carries an idempotency key.
      if (error.onReusedConnection && error.code === "ECONNRESET") return once(method, path, options);
      throw error;
    }
  }

  return {
    async call(method, path, options = {}) {
      if (!base) throw new Problem(503, "not_here", `This environment has no ${name}.`);
      try {
        return await attempt(method, path, options);
      } catch (error) {
        if (error.name === "TimeoutError" || error.cause?.name === "TimeoutError") {
          throw new Problem(504, "upstream_timeout", `${name} did not answer within ${timeout} ms.`);
        }
        throw new Problem(502, "upstream_unreachable", `${name} could not be asked: ${error.message}.`);
      }
    },
    close: () => agent.destroy(),
  };
}
