import type { Progress } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { PlatformApi } from "./platform-api.ts";

/** Does something; where the platform asked to be left alone for a while meanwhile, it is done again after that. */
export async function whenQuiet(api: Pick<PlatformApi, "quietFor">, work: () => Promise<Progress>): Promise<Progress> {
  try {
    return await work();
  } catch (thrown) {
    const quiet = api.quietFor();
    if (codeOf(thrown) !== "target_unreachable" || quiet === 0) throw thrown;
    return { phase: "moving", message: messageOf(thrown), checkAgainIn: Math.ceil(quiet) };
  }
}
