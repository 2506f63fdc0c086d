import { Agent, request } from "node:http";

/** What people look at, in both environments. */
const visits = [
  { host: "shop.localhost", path: "/" },
  { host: "shop.localhost", path: "/api/listings" },
  { host: "shop.localhost", path: "/api/version" },
  { host: "shop.staging.localhost", path: "/api/version" },
];
const everyMillis = 10;
const within = 10_000;
const shown = 5;

/** Light load: a request every 10 ms over kept connections. Anything but a whole 200 counts as failed. */
export function startLoad(router) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  /** @type {{ requests: number, failed: number, releases: Set<string>, failures: string[] }} */
  const counted = { requests: 0, failed: 0, releases: new Set(), failures: [] };
  const open = new Set();
  let turn = 0;
  const timer = setInterval(() => {
    const visit = visits[turn++ % visits.length];
    const asked = ask(agent, router, visit).then(
      (release) => {
        counted.requests++;
        if (release) counted.releases.add(release);
      },
      (error) => {
        counted.requests++;
        counted.failed++;
        if (counted.failures.length < shown) counted.failures.push(`${visit.host}${visit.path}: ${error.message}`);
      },
    );
    open.add(asked);
    void asked.finally(() => open.delete(asked));
  }, everyMillis);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
      return { ...counted, releases: [...counted.releases].toSorted((a, b) => a.localeCompare(b)) };
    },
  };
}

/** The release that answered, when the answer tells. */
function ask(agent, { host, port }, visit) {
  return new Promise((resolve, reject) => {
    const asking = request(
      { agent, host, port, path: visit.path, headers: { host: visit.host }, timeout: within },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => (body += chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode !== 200 || !answer.complete) return reject(new Error(`status ${answer.statusCode}`));
          resolve(visit.path === "/api/version" ? JSON.parse(body).release : null);
        });
      },
    );
    asking.on("timeout", () => asking.destroy(new Error(`no answer within ${within / 1000} s`)));
    asking.on("error", reject);
    asking.end();
  });
}
