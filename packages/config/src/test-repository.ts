import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder with these files for a test; a name that ends in `/` is an empty folder. It is gone when the test is over. */
export function testRepository(
  files: Readonly<Record<string, string>>,
  whenOver: (remove: () => void) => void,
): string {
  const root = mkdtempSync(join(tmpdir(), "fairway-config-"));
  whenOver(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, text);
  }
  return root;
}
