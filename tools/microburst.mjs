// Installs microburst from PyPI into .cache/microburst: a proxy before the AWS of the tests that throttles, fails and goes
// silent in AWS's own wire format. Quick when it is there. `node tools/microburst.mjs`
import { installPython } from "./python-tool.mjs";

await installPython("microburst", "microburst==0.10.0");
