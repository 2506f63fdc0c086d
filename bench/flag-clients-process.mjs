// Pages that show a flag, as many as it is told, each as OpenFeature's provider for pages does it: a stream that says that
// something has changed, and then a question. Says "ready" when all of them show the flag, and the times at which each was
// told and showed the default in its code.

import { Agent, request } from "node:http";

const [, , url = "", key = "", count = "0", first = "0"] = process.argv;
const { hostname, port } = new URL(url);
const headers = { authorization: `Bearer ${key}` };
// Each page is a machine of its own, with connections of its own.
const pages = Array.from({ length: Number(count) }, (_, index) => ({
  agent: new Agent({ keepAlive: true, maxSockets: 1 }),
  person: `person-${Number(first) + index}`,
  etag: "",
}));

/** @param {typeof pages[number]} page @returns {Promise<boolean>} */
function isShown(page) {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        hostname,
        port,
        path: "/ofrep/v1/evaluate/flags",
        method: "POST",
        agent: page.agent,
        headers: { ...headers, ...(page.etag === "" ? {} : { "if-none-match": page.etag }) },
      },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => (body += chunk));
        answer.on("end", () => {
          if (answer.statusCode === 304) return resolve(true);
          page.etag = answer.headers.etag ?? "";
          const flags = /** @type {{ flags: { key: string, value?: boolean }[] }} */ (JSON.parse(body)).flags;
          resolve(flags.find((flag) => flag.key === "new-checkout")?.value === true);
        });
      },
    );
    asking.on("error", reject);
    asking.end(JSON.stringify({ context: { targetingKey: page.person } }));
  });
}

/** @param {typeof pages[number]} page */
function listen(page) {
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path: "/ofrep/v1/stream", agent: false, headers }, (answer) => {
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => {
        if (!chunk.includes("refetchEvaluation")) return;
        resolve(undefined);
        const told = Date.now();
        isShown(page).then((shown) => void (!shown && process.send?.({ told, gone: Date.now() })), reject);
      });
    });
    asking.on("error", reject);
    asking.end();
  });
}

for (const page of pages) {
  if (!(await isShown(page))) throw new Error(`${page.person} does not see the flag`);
  await listen(page);
}
process.send?.({ ready: true });
