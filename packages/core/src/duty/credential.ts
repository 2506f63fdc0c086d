import type { DutyPlan } from "./duty.ts";
import { nameBeside, nameMeanwhile } from "./duty-run.ts";

/** A key that a project has: where it is kept and who uses it, and never what it is. */
export interface Credential {
  readonly id: string;
  readonly vendor: string;
  readonly kind: string;
  readonly environments: readonly string[];
  readonly owner: string;
  /** Its name in the store of secrets; null where it is kept elsewhere. */
  readonly store: string | null;
  readonly consumers: readonly string[];
}

/** One thing in which the inventory and the store of secrets differ. */
export interface InventoryDrift {
  readonly environment: string;
  readonly name: string;
  /** `unlisted`: the store has it, and no credential says so. `absent`: a credential says so, and the store has it not. */
  readonly drift: "unlisted" | "absent";
}

/**
 * In what the inventory differs from the names that the store has, of the environments that some credential is of. What a probe
 * of the plan's duties only has its address or the id of a key from is no key, and what an exchange has made and not given out
 * is one of the credential that it exchanges.
 */
export function inventoryDrift(
  { credentials = [], duties }: Pick<DutyPlan, "credentials" | "duties">,
  stored: readonly { readonly environment: string | null; readonly name: string }[],
): readonly InventoryDrift[] {
  const key = (environment: string, name: string): string => `${environment}\n${name}`;
  const listed = credentials.flatMap(({ store, environments }) =>
    store === null ? [] : environments.map((environment) => ({ environment, name: store })),
  );
  const known = new Set(listed.map(({ environment, name }) => key(environment, name)));
  const kept = new Set(stored.map(({ environment, name }) => key(environment ?? "", name)));
  const beside = new Set(duties.flatMap(({ run }) => [nameBeside(run), nameMeanwhile(run)]));
  const places = new Set(listed.map(({ environment }) => environment));
  const absent = listed.filter(
    ({ environment, name }) => !kept.has(key(environment, name)) && !kept.has(key("", name)),
  );
  const unlisted = stored.flatMap(({ environment, name }) =>
    environment === null || !places.has(environment) || known.has(key(environment, name)) || beside.has(name)
      ? []
      : [{ environment, name }],
  );
  return [
    ...absent.map((one) => ({ ...one, drift: "absent" }) as const),
    ...unlisted.map((one) => ({ ...one, drift: "unlisted" }) as const),
  ];
}
