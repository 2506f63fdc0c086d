// The process whose memory and speed are measured: it runs a command that writes 110 MB, and one viewer over HTTP follows its
// log. It prints { lines, seconds, megabytes }.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { sendEvents } from "../apps/server/dist/http/event-stream.js";
import { readLog } from "../packages/engine/dist/logs/read-log.js";
import { lineCount, runScript } from "./log-parts.mjs";

const [folder, output, ...secrets] = process.argv.slice(2);
const directory = join(folder, "viewed");
const server = createServer((_request, raw) => {
  const leave = new AbortController();
  const lines = readLog({ path: join(directory, "log"), follow: true, signal: leave.signal });
  void sendEvents({ hijack() {}, raw }, lines, leave, ({ next }) => String(next));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const viewer = spawn("curl", ["-sN", "-o", join(folder, "seen"), `http://127.0.0.1:${server.address().port}/`]);
await once(server, "request");
const begin = performance.now();
await runScript(directory, `cat ${output}`, secrets);
const seconds = (performance.now() - begin) / 1000;
await once(viewer, "exit");
const viewed = (performance.now() - begin) / 1000;
server.close();
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ lines: lineCount, seconds, viewed, megabytes }));
