import type { SecretSource } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import { secretFacts } from "../store/secrets.ts";
import type { Sql } from "../store/store.ts";
import type { KnownValue } from "./known-values.ts";

/** Where values and their names come from. */
export interface InventoryParts {
  readonly store: Sql;
  readonly secrets: SecretSource;
  readonly duties: Pick<DutyControl, "inForce">;
}

/** The bare address of a host, as probes take it from the store: it opens nothing, and stands in many files rightly. */
export const isBareAddress = (value: string): boolean => /^https?:\/\/[^\s/@?#]+\/?$/u.test(value.trim());

/** Every value that the store can give, by the name of its credential or else of its secret. */
export async function inventoryValues({ store, secrets, duties }: InventoryParts): Promise<readonly KnownValue[]> {
  const { plan } = await duties.inForce();
  const stored = (await secretFacts(store)).map(({ environment, name }) => ({ environment: environment ?? "", name }));
  const listed = (plan.credentials ?? []).flatMap(({ store: name, environments }) =>
    name === null ? [] : environments.map((environment) => ({ environment, name })),
  );
  const asked = new Map<string, Set<string>>();
  for (const { environment, name } of [...stored, ...listed])
    asked.set(environment, (asked.get(environment) ?? new Set()).add(name));
  const found: KnownValue[] = [];
  for (const [environment, names] of asked)
    for (const [name, value] of Object.entries(await secrets.lookUp(environment, [...names]))) {
      if (isBareAddress(value)) continue;
      const credential = plan.credentials?.find(
        (one) => one.store === name && (environment === "" || one.environments.includes(environment)),
      );
      found.push({ value, credential: `${credential?.id ?? name}@${environment === "" ? "*" : environment}` });
    }
  return found;
}
