// Installs ministack from PyPI into .cache/ministack: an AWS whose tasks are containers of Podman and whose ECR is a registry.
// Quick when it is there. `node tools/ministack.mjs`
import { installPython } from "./python-tool.mjs";

await installPython("ministack", "ministack[full]==1.5.33");
