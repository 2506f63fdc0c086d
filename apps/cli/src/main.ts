import { exitCodeFor, printRefusal } from "./output/refusal.ts";
import { Ended, program } from "./program.ts";

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await program().parseAsync(process.argv);
} catch (thrown) {
  if (thrown instanceof Ended) process.exit(0);
  printRefusal(thrown, process.argv.includes("--json"));
  process.exitCode = exitCodeFor(thrown);
}
