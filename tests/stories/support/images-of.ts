import { execFileSync } from "node:child_process";

/** Takes away the images that were built of a commit. */
export function removeImagesOf(commit: string): void {
  const filter = `label=org.opencontainers.image.revision=${commit}`;
  const found = execFileSync("podman", ["images", "-q", "--filter", filter], { encoding: "utf8" });
  const images = [...new Set(found.split("\n").filter((id) => id !== ""))];
  if (images.length > 0) execFileSync("podman", ["rmi", "-f", ...images], { stdio: "ignore" });
}
