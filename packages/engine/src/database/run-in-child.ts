import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs code in a process of its own, for tests that kill it; resolves with the first line that it prints. The code sees
 * the exports of a source file of ours as `ours`, loaded as vitest loads them, so that no build is needed. With `files`
 * it may open so many and no more.
 */
export async function runInChild(
  file: URL,
  code: string,
  { files }: { readonly files?: number } = {},
): Promise<{ readonly child: ChildProcess; readonly line: string }> {
  const script = `
    const { runnerImport } = await import("vite");
    const conditions = ["@fairway/source", "module", "node", "development|production"];
    const config = { configFile: false, logLevel: "error", resolve: { conditions }, ssr: { resolve: { conditions } } };
    const { module: ours } = await runnerImport(${JSON.stringify(file.pathname)}, config);
    ${code}`;
  const words = [process.execPath, "--input-type=module", "--eval", script] as const;
  const limited = ["/bin/sh", "-c", 'ulimit -n "$0" && exec "$@"', String(files), ...words];
  const [program = "", ...rest] = files === undefined ? words : limited;
  const child = spawn(program, rest, {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit").then(([status, signal]) => {
    throw new Error(`the child ended before it printed a line: ${String(signal ?? status)}`);
  });
  const [bytes] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer];
  ended.catch(() => undefined);
  return { child, line: bytes.toString().trim() };
}
