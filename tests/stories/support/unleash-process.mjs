// A real Unleash server in a process of its own, which ends with whoever started it.
import { pathToFileURL } from "node:url";

const [, , main = ""] = process.argv;
const unleash = await import(pathToFileURL(main).href);
const { server } = await unleash.start({ server: { port: 0, host: "127.0.0.1" }, logLevel: "fatal" });
process.on("disconnect", () => process.exit(0));
process.send?.({ port: server.address().port });
