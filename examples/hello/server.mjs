import { createServer } from "node:http";

const {
  PORT = "3000",
  HOST = "127.0.0.1",
  FAIRWAY_RELEASE = "no release",
  GIT_SHA = "unknown",
  FAIRWAY_ENVIRONMENT = "local",
} = process.env;

const pages = {
  "/": () => `Hello from ${FAIRWAY_RELEASE} (${GIT_SHA.slice(0, 7)}) in ${FAIRWAY_ENVIRONMENT}.\n`,
  "/healthz": () => "ok\n",
};

const server = createServer((request, response) => {
  const page = pages[request.url.split("?")[0]];
  const known = request.method === "GET" || request.method === "HEAD";
  const status = !known ? 405 : page ? 200 : 404;
  const text = status === 200 ? page() : status === 404 ? "There is nothing here.\n" : "Only GET and HEAD.\n";
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...(known ? {} : { allow: "GET, HEAD" }),
  });
  response.end(request.method === "HEAD" ? undefined : text);
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${server.address().port}`));
// Answers what is open, then ends by itself: nothing is left to do. Being told twice changes nothing.
process.on("SIGTERM", () => server.close());
