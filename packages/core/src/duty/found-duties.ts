import type { Timestamp } from "../units.ts";
import type { Credential, InventoryDrift } from "./credential.ts";
import type { Duty, DutyPlan } from "./duty.ts";
import { peopleOf } from "./duty.ts";
import type { Day } from "./period.ts";

/** An API token of Fairway's own that ends soon or has ended lately, and that nobody has revoked. */
export interface EndingToken {
  /** `t` and a number. */
  readonly id: string;
  readonly name: string;
  /** Who made it. */
  readonly owner: string;
  readonly expiresAt: Timestamp;
}

/** What Fairway finds by itself. It is kept with each decision of a gate, so that one can be worked out again. */
export interface DutyFindings {
  /** When it was looked. */
  readonly day: Day;
  readonly tokens: readonly EndingToken[];
  readonly drift: readonly InventoryDrift[];
  /** Of those that are no duty of their own, how many there are; only where they are left out of `drift`. */
  readonly beyond?: readonly DriftBeyond[];
  /** The environments that the newest release's configuration has; absent before there is one. */
  readonly environments?: readonly string[];
}

/** In how much more the inventory of an environment differs from the store. */
interface DriftBeyond {
  readonly environment: string;
  readonly absent: number;
  readonly unlisted: number;
}

/** So many differences are each a duty: those beyond are one for each environment, so that none of them is passed over. */
const mostOwn = 500;

/** What is kept with a decision: all that duties are made of, and no more. */
export const keptFindings = (found: DutyFindings): DutyFindings =>
  found.drift.length <= mostOwn ? found : { ...found, drift: found.drift.slice(0, mostOwn), beyond: beyondOf(found) };

function beyondOf({ drift, beyond }: DutyFindings): readonly DriftBeyond[] {
  if (beyond !== undefined) return beyond;
  const rest = drift.slice(mostOwn);
  return [...new Set(rest.map(({ environment }) => environment))].map((environment) => {
    const there = rest.filter((one) => one.environment === environment);
    const absent = there.filter((one) => one.drift === "absent").length;
    return { environment, absent, unlisted: there.length - absent };
  });
}

/**
 * The plan with what is owed though no file says it: tokens to be renewed, an inventory that differs from the store, and roles
 * that somebody must have again.
 */
export function withFound(plan: DutyPlan, found: DutyFindings): DutyPlan {
  const { day, tokens, drift } = found;
  const [roles, places] = [emptyRoles(plan, day), unknownPlaces(plan, found.environments ?? null)];
  if (tokens.length === 0 && drift.length === 0 && roles.length === 0 && places.length === 0) return plan;
  // Whoever made a token owes it themselves, and need have no role.
  const makers = [...new Set(tokens.map(({ owner }) => owner))].filter(
    (maker) => !plan.roles.some(({ name }) => name === maker),
  );
  return {
    ...plan,
    roles: [...plan.roles, ...makers.map((name) => ({ name, people: [{ name, until: null }] }))],
    duties: [
      ...plan.duties,
      ...tokens.map((token) => ofToken(token, plan)),
      ...roles.map((role) => ofRole(role, plan, day)),
      ...places,
      ...drift
        .slice(0, mostOwn)
        .flatMap((one) => (one.drift === "absent" ? ofAbsent(one, plan) : ofUnlisted(one, plan))),
      ...beyondOf(found).map((one) => ofBeyond(one, plan)),
    ],
  };
}

/** The duty that stands for a token. */
export const tokenDuty = ({ id }: Pick<EndingToken, "id">): string => `credential/fairway-${id}:rotate`;

const file = "ops/credentials.yaml";
const always = { kind: "standing" } as const;

type Rest = Pick<Duty, "id" | "title" | "owner" | "environment" | "cadence"> & {
  readonly mend: string;
} & Partial<Duty>;

const owed = (rest: Rest): Duty => ({
  ...{ escalation: [], grace: 0, warnings: [14, 7, 1], task: null, automation: "Fairway", digest: null },
  place: { file: "", line: 0 },
  ...rest,
});

/** They open the daemon and so every environment. */
const ofToken = (token: EndingToken, plan: DutyPlan): Duty =>
  owed({
    id: tokenDuty(token),
    title: `API token ${token.name}`,
    owner: token.owner,
    environment: null,
    cadence: { kind: "until", end: token.expiresAt },
    task: taskOfKeys(plan) ?? "API tokens",
    mend: `fairway tokens create, give it to whoever uses the old one, and fairway tokens revoke ${token.id}`,
  });

/** A row for each credential that is said to be kept there: its exchange and its looks can find nothing. */
const ofAbsent = ({ environment, name }: InventoryDrift, { credentials = [], duties }: DutyPlan): readonly Duty[] =>
  keptAs(credentials, environment)
    .filter(({ store }) => store === name)
    .map(({ id, owner, vendor, kind }) => {
      const { escalation, task, place } = duties.find((one) => one.id.startsWith(`credential/${id}@`)) ?? {};
      return owed({
        id: `credential/${id}@${environment}:store`,
        title: `${vendor} ${kind}: keep it where the inventory says`,
        ...{ owner, environment, cadence: always },
        ...{ escalation: escalation ?? [], task: task ?? null, place: place ?? { file, line: 1 } },
        seen: { state: "failing", why: `the store has no ${name} for ${environment}` },
        mend: `fairway secrets set ${name} --env ${environment}, or mend ${file}`,
      });
    });

function ofUnlisted({ environment, name }: InventoryDrift, plan: DutyPlan): readonly Duty[] {
  const owner = ownerOfKeys(environment, plan);
  return [
    owed({
      id: `credential/${name}@${environment}:inventory`,
      title: `${name}: write it into the inventory`,
      ...{ owner, environment, cadence: always },
      ...{ task: taskOfKeys(plan), place: { file, line: 1 } },
      seen: { state: "unknown", why: `the store has it for ${environment}, and nobody has it in the inventory` },
      mend: `write it into ${file}, or fairway secrets remove ${name} --env ${environment}`,
    }),
  ];
}

/** A key that the store has not may be among them: then the row is as red as that key's own would be. */
function ofBeyond({ environment, absent, unlisted }: DriftBeyond, plan: DutyPlan): Duty {
  const parts = [
    ...(absent > 0 ? [`${absent} more of the inventory that the store has not`] : []),
    ...(unlisted > 0 ? [`${unlisted} more of the store that the inventory has not`] : []),
  ];
  return owed({
    id: `credential/others@${environment}:inventory-and-store`,
    title: `Keys of ${environment} beyond the first ${mostOwn}: have the inventory and the store agree`,
    ...{ owner: ownerOfKeys(environment, plan), environment, cadence: always },
    ...{ task: taskOfKeys(plan), place: { file, line: 1 } },
    seen: { state: absent > 0 ? "failing" : "unknown", why: parts.join(", and ") },
    mend: `see which: fairway credentials --env ${environment}`,
  });
}

/** Nobody is said to own what no inventory has: it falls to who owns the environment's gate, or else the first key there. */
const ownerOfKeys = (environment: string, { credentials = [], gates }: DutyPlan): string =>
  gates.find((gate) => gate.environment === environment)?.owner ?? keptAs(credentials, environment)[0]?.owner ?? "";

/** Where the project has its keys in the matrix of who does what. */
const taskOfKeys = ({ duties }: DutyPlan): string | null =>
  duties.find(({ id, task }) => id.startsWith("credential/") && task !== null)?.task ?? null;

/** A role that is relied on and that nobody has any more, and what for. */
interface EmptyRole {
  readonly name: string;
  readonly uses: readonly { readonly what: string; readonly place: Duty["place"] }[];
}

/** Who owes a duty is looked at with the duty itself. */
function emptyRoles({ roles, gates, duties, waivers }: DutyPlan, day: Day): readonly EmptyRole[] {
  const inGates = { file: "ops/gates.yaml", line: 1 };
  const uses = [
    ...gates.map(({ owner, environment, place = inGates }) => ({
      role: owner,
      ...{ what: `owns the gate of ${environment}`, place },
    })),
    ...waivers.approvers.map((role) => ({ role, what: "may waive", place: waivers.place ?? inGates })),
    ...duties.flatMap(({ id, escalation, place }) =>
      escalation.map((role) => ({ role, what: `hears next of ${id}`, place })),
    ),
  ];
  return [...new Set(uses.map(({ role }) => role))]
    .filter((name) => peopleOf(roles, name, day).length === 0)
    .map((name) => ({ name, uses: uses.filter(({ role }) => role === name) }));
}

function ofRole({ name, uses }: EmptyRole, { gates, roles }: DutyPlan, day: Day): Duty {
  const [first, ...others] = uses;
  const left = [...gates.map(({ owner }) => owner), ...roles.map((role) => role.name)].find(
    (role) => peopleOf(roles, role, day).length > 0,
  );
  const place = first?.place ?? { file: "ops/people.yaml", line: 1 };
  const times = others.length === 1 ? "once" : `${others.length} times`;
  const more = others.length === 0 ? "" : `, and is relied on elsewhere ${times}`;
  return owed({
    id: `role/${name}`,
    title: `Somebody is ${name}`,
    ...{ owner: left ?? name, environment: null, cadence: always, place },
    seen: {
      state: "failing",
      why: `nobody is ${name} any more, who ${first?.what ?? ""} (${place.file}:${place.line})${more}`,
    },
    mend: `name somebody for ${name} in ops/people.yaml, or another role in ${place.file}:${place.line}`,
  });
}

/** What is owed or asked for where the project has no such place would be looked at by nobody: each of these is a row of its own. */
function unknownPlaces({ gates, duties, intake, roles }: DutyPlan, known: readonly string[] | null): readonly Duty[] {
  if (known === null || known.length === 0) return [];
  const inGates = { file: "ops/gates.yaml", line: 1 };
  const uses = [
    ...gates.map(({ environment, owner, place = inGates }) => ({ environment, owner, place, what: "a gate" })),
    ...duties.map(({ environment, owner, place, id }) => ({ environment, owner, place, what: id })),
    {
      ...{ environment: intake?.environment ?? null, owner: gates[0]?.owner ?? roles[0]?.name ?? "" },
      ...{ place: { file: "ops/severity.yaml", line: 1 }, what: "what support hears" },
    },
  ];
  const named = uses.flatMap(({ environment: name }) => (name === null || known.includes(name) ? [] : [name]));
  return [...new Set(named)].flatMap((name) => {
    const [first, ...others] = uses.filter(({ environment }) => environment === name);
    if (first === undefined) return [];
    const at = `${first.place.file}:${first.place.line}`;
    const more =
      others.length === 0 ? "" : `, as ${others.length === 1 ? "one other is" : `${others.length} others are`}`;
    return owed({
      id: `environment/${name}`,
      title: `There is an environment ${name}`,
      ...{ owner: first.owner, environment: null, cadence: always, place: first.place },
      seen: { state: "failing", why: `the project has no ${name}, and ${first.what} is of it (${at})${more}` },
      mend: `name one of ${known.join(", ")} there, or release the configuration that has it`,
    });
  });
}

const keptAs = (credentials: readonly Credential[], environment: string): readonly Credential[] =>
  credentials.filter(({ environments, store }) => store !== null && environments.includes(environment));
