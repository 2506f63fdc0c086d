import { podman } from "../../../plugins/builtin/fixtures/podman.ts";
import { removeImages } from "../../../plugins/builtin/fixtures/remove-images.ts";

/** Takes away the images that were built of a commit. */
export function removeImagesOf(commit: string): void {
  const filter = `label=org.opencontainers.image.revision=${commit}`;
  const found = podman("images", "-q", "--filter", filter);
  removeImages(found.split("\n").filter((id) => id !== ""));
}
