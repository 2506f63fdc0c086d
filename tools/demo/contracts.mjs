import { cp, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { capabilities } from "../capabilities.mjs";

const { anvil } = capabilities;

/** Why contracts cannot be shown on this machine; null where they can. */
export const noContracts = () => (anvil.isThere() ? null : `${anvil.what} are not installed: ${anvil.enable}`);

/** A PATH on which a daemon finds them. @param {string} root */
export const contractPath = (root) => [join(root, ".cache/evm-tools/bin"), process.env.PATH ?? ""].join(delimiter);

/** What the tests of contracts have: a chain, a Safe that owns everything, and its service. */
const parts = (root, part) => import(new URL(`file://${join(root, "plugins/evm/dist/testing", part)}.js`).href);

/**
 * Starts a chain of its own with a Safe of three owners, and says in the repository where they are. The owners' keys are those
 * that everybody knows.
 */
export async function openChain({ root, repository, data }) {
  const { anvilWorld } = await parts(root, "anvil-world");
  const { builtMarket } = await parts(root, "evm-tools");
  const { safeServiceDouble } = await parts(root, "safe-service-double");
  const keys = join(data, "demo-keys");
  await mkdir(keys, { recursive: true });
  const chain = await anvilWorld(keys, await builtMarket());
  const service = await safeServiceDouble(chain, [chain.proposer.address]);
  const placement = {
    ...{ id: chain.chain, rpc: [chain.url], confirmations: 1, poll: "1s", requestsPerSecond: 1_000 },
    ...{ registry: chain.registry, multiSend: chain.multiSend },
    safe: {
      ...{ address: chain.safe, service: service.url },
      proposer: { keystore: chain.keystore.file, password: { secret: "PROPOSER_PASSWORD" } },
    },
  };
  const leave = new AbortController();
  return {
    password: chain.keystore.password,
    /** Configuration of the commit before, and where the chain is. */
    async describe() {
      await cp(join(repository, "fairway.config.ts"), join(repository, "fairway.base.ts"));
      const text = `export const chain = ${JSON.stringify(placement, null, 2)} as const;\n`;
      await writeFile(join(repository, "contracts/market/chain.ts"), text);
    },
    /** Two owners sign what is proposed, one after the other, and the second one executes it. */
    async sign(say) {
      while (!leave.signal.aborted) {
        const [waiting] = service.kept.values();
        if (waiting === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          continue;
        }
        const owners = chain.owners.slice(0, 2);
        for (const owner of owners) {
          await service.confirm(waiting.hash, owner);
          say(`  ${owner.address}, an owner of the Safe, signs.`);
        }
        await chain.execute(waiting.transaction, owners);
        return;
      }
    },
    stopSigning: () => leave.abort(),
    async close() {
      leave.abort();
      await service.close();
      await chain.close();
    },
  };
}
