import { share, withRouter } from "./router-life-parts.mjs";
import { cannotCompare } from "./router-parts.mjs";

export const name = "router: an upgrade of itself, median";
export const goal = { atMost: 500 };

export async function run() {
  const ours = await upgrade("local");
  return cannotCompare() === undefined ? { ours, anchor: await upgrade("haproxy"), unit: "ms" } : { ours, unit: "ms" };
}

const upgrade = (kind) =>
  withRouter(kind, async ({ router }) => {
    const took = [];
    for (let turn = 0; turn < 5; turn++) {
      const began = performance.now();
      await router.upgrade();
      took.push(performance.now() - began);
    }
    return share(took, 0.5);
  });
