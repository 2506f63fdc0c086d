import type { DeploymentPlan } from "./plan.ts";

/** What a person is told of a field, in words. */
const words: Readonly<Partial<Record<keyof DeploymentPlan, string>>> = {
  from: "what runs there",
  releaseDigest: "the release",
  rollouts: "the services that move",
  retired: "the services that end",
  infrastructure: "the infrastructure that is changed",
  migrations: "what happens to databases",
  secrets: "the secrets",
  leftOut: "what is left out",
  approvals: "how many people must approve",
  obstacles: "what stands in the way",
};

/**
 * The fields in which two plans differ, each with what it was and what it is: why an approval of the one says nothing of the
 * other. Empty when they are the same.
 */
export function planDifferences(before: DeploymentPlan, now: DeploymentPlan): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]) as ReadonlySet<keyof DeploymentPlan>;
  return [...keys].flatMap((key) => {
    const [was, is] = [before[key], now[key]];
    if (same(was, is)) return [];
    const name = words[key] ?? key;
    return Array.isArray(was ?? is)
      ? entriesDiffering(name, (was ?? []) as readonly unknown[], (is ?? []) as readonly unknown[])
      : [`${name}: was ${shown(was)}, is ${shown(is)}`];
  });
}

/** Of lists, the entries that are new, gone or different; by what they are called, where they are called something. */
function entriesDiffering(name: string, was: readonly unknown[], is: readonly unknown[]): readonly string[] {
  const [before, now] = [byName(was), byName(is)];
  const found = [...new Set([...before.keys(), ...now.keys()])].flatMap((key) => {
    const [one, other] = [before.get(key), now.get(key)];
    if (same(one, other)) return [];
    if (one === undefined) return [`${name}: ${key} is new`];
    if (other === undefined) return [`${name}: ${key} is gone`];
    return [`${name}: ${key} differs in ${fieldsDiffering(one, other).join(", ")}`];
  });
  return found.length > 0 ? found : [`${name}: in another order`];
}

const byName = (entries: readonly unknown[]): ReadonlyMap<string, unknown> =>
  new Map(entries.map((entry) => [nameOf(entry), entry]));

function nameOf(entry: unknown): string {
  if (typeof entry !== "object" || entry === null) return String(entry);
  const { service, id, name } = entry as {
    readonly service?: string;
    readonly id?: string;
    readonly name?: string;
  };
  return [service, id, name].filter((part) => part !== undefined).join(" ") || JSON.stringify(entry);
}

function fieldsDiffering(one: unknown, other: unknown): readonly string[] {
  const [a, b] = [one, other] as readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key]));
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const shown = (value: unknown): string =>
  value === null || value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
