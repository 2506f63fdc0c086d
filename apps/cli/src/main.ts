import { program } from "./program.ts";

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const words = process.argv.slice(2);
const root = program();
try {
  if (words.length === 0) root.outputHelp();
  else await root.parseAsync(words, { from: "user" });
} catch (thrown) {
  // Help and version are printed; there is nothing more to do.
  const isDone = (thrown as { exitCode?: number }).exitCode === 0;
  if (!isDone) {
    // Loaded here: `--help` needs nothing of it, and measuring text is slow to load.
    const { exitCodeFor, printRefusal } = await import("./output/refusal.ts");
    printRefusal(thrown, words.includes("--json"));
    process.exitCode = exitCodeFor(thrown);
  }
}
