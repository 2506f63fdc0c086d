import type { EnvironmentShape } from "@fairway/api";
import type { ReactElement } from "react";

/** Where the contracts of a service are; null before the first. */
type Chain = NonNullable<EnvironmentShape["services"][number]["chain"]> | null;

/** On which chain the contracts of a service are, in the place of replicas; their addresses are its title. */
export function ChainPlace({ chain }: { readonly chain: Chain }): ReactElement {
  if (chain === null) return <span className="muted">on no chain yet</span>;
  const [first] = chain.contracts;
  return (
    <span className="num" title={chain.contracts.map(placeOf).join("\n")}>
      {first === undefined ? "on no chain" : `on chain ${first.chain}`}, {chain.release}
    </span>
  );
}

/** Each contract with its address, and what it leads to. */
export function ContractAddresses({ chain }: { readonly chain: NonNullable<Chain> }): ReactElement | null {
  if (chain.contracts.length === 0) return null;
  return (
    <ul className="contract-addresses">
      {chain.contracts.map((contract) => (
        <li key={`${contract.chain} ${contract.name}`}>
          <code>{placeOf(contract)}</code>
        </li>
      ))}
    </ul>
  );
}

const placeOf = ({ name, address, implementation }: NonNullable<Chain>["contracts"][number]): string =>
  `${name} ${address}${implementation === null ? "" : ` → ${implementation}`}`;
