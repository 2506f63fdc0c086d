// Installs moto from PyPI into .cache/moto: the AWS that the tests of plugins/aws speak to, with a scheduler of ours for what
// only time brings. Quick when it is there. `node tools/moto.mjs`
import { installPython } from "./python-tool.mjs";

await installPython("moto", "moto[server]==5.2.5");
