import { createServer } from "node:net";

/** The wanted ports where they are free, else any free ones. */
export async function freePorts(wanted) {
  const found = {};
  for (const [name, port] of Object.entries(wanted)) found[name] = (await tryPort(port)) ?? (await tryPort(0));
  return found;
}

function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
