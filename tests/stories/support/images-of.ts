import { execFileSync } from "node:child_process";
import { removeImages } from "../../../plugins/builtin/fixtures/remove-images.ts";

/** Takes away the images that were built of a commit. */
export function removeImagesOf(commit: string): void {
  const filter = `label=org.opencontainers.image.revision=${commit}`;
  const found = execFileSync("podman", ["images", "-q", "--filter", filter], { encoding: "utf8" });
  removeImages(found.split("\n").filter((id) => id !== ""));
}
