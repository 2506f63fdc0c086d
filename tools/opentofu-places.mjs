// Where tools/opentofu.mjs puts OpenTofu, and the tests look for it.
import { fileURLToPath } from "node:url";

export const openTofuVersion = "1.11.14";

/** The first that can be written is built into, with `bin/tofu` and `providers/`, a filesystem mirror. */
export const openTofuPlaces = [
  `/usr/local/lib/fairway-opentofu/${openTofuVersion}`,
  fileURLToPath(new URL(`../.cache/opentofu/${openTofuVersion}`, import.meta.url)),
];

/** The provider in the mirror; the host is nobody's, so that both programs look for it there alone. */
export const localProvider = "mirror.invalid/hashicorp/local/1.4.0/linux_amd64/terraform-provider-local_v1.4.0_x4";
