import { usualSeverities } from "../incident/severity-table.ts";
import type { Duty, DutyGate, DutyPlan } from "./duty.ts";
import { fitsSelector } from "./duty-selector.ts";
import { standInsOf } from "./stand-in.ts";

/** One thing that a plan of duties asks less for than another did. */
export interface Weakening {
  readonly environment: string;
  /** The role whose yes it needs: the owner of the gate that asked for more. */
  readonly owner: string;
  /** A sentence for people. */
  readonly what: string;
}

/**
 * In what a plan of duties asks for less of an environment than another did, none when it asks for as much. Whoever can show,
 * waive or accept is told as well, in whichever direction: who owes a duty may not waive it, so one less there is one more
 * elsewhere.
 */
export function weakenings(before: DutyPlan, after: DutyPlan): readonly Weakening[] {
  const found = before.gates.flatMap((gate) =>
    [
      ...ofGate(gate, after),
      ...ofWaivers(gate, before, after),
      ...neededBy(gate, before).flatMap((duty) => ofDuty(gate, duty, after)),
      ...neededBy(gate, before).flatMap((duty) => ofRecipe(duty, before, after)),
      ...neededBy(gate, before).flatMap((duty) => ofStandIns(duty, before, after)),
      ...ofIncidents(gate, before, after),
      ...ofAllowed(gate, before, after),
      ...ofRoles(gate, before, after),
    ].map((what) => ({ environment: gate.environment, owner: gate.owner, what })),
  );
  return [...new Map(found.map((one) => [`${one.owner}\n${one.what}`, one])).values()];
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const neededBy = ({ require, environment }: DutyGate, { duties }: DutyPlan): readonly Duty[] =>
  duties.filter(
    (duty) =>
      (duty.environment === null || duty.environment === environment) &&
      require.some((selector) => fitsSelector(selector, duty.id)),
  );

function ofGate({ environment, mode, require, owner }: DutyGate, after: DutyPlan): readonly string[] {
  const now = after.gates.filter((one) => one.environment === environment);
  const blocking = now.filter((one) => one.mode === "block");
  const asked = new Set(now.flatMap((one) => one.require));
  const held = new Set(blocking.flatMap((one) => one.require));
  return [
    ...(mode === "block" && blocking.length === 0 ? [`${environment} is not held by its gate any more`] : []),
    ...require.flatMap((one) => {
      if (!asked.has(one)) return [`${environment} does not ask for ${one} any more`];
      return mode === "block" && !held.has(one) ? [`${environment} only warns of ${one}`] : [];
    }),
    ...now
      .filter((one) => one.owner !== owner && one.require.some((selector) => require.includes(selector)))
      .map((one) => `the gate of ${environment} is owned by ${one.owner} and no longer by ${owner}`),
  ];
}

function ofWaivers(
  { environment }: DutyGate,
  { waivers: was }: DutyPlan,
  { waivers: is }: DutyPlan,
): readonly string[] {
  const added = is.approvers.filter((role) => !was.approvers.includes(role));
  return [
    ...(is.longest > was.longest ? [`waivers may last longer than before, in ${environment} too`] : []),
    ...added.map((role) => `${role} may waive what ${environment} asks for`),
  ];
}

function ofDuty({ environment }: DutyGate, was: Duty, { duties }: DutyPlan): readonly string[] {
  const { id } = was;
  const is = duties.find((one) => one.id === id);
  if (is === undefined) return [`${environment} asked for ${id}, which is gone`];
  const place = (of: string | null): string => of ?? "every environment";
  return [
    ...(isSame([is.cadence, is.grace], [was.cadence, was.grace]) ? [] : [`${id} is owed at other times than before`]),
    ...(isSame(is.run ?? null, was.run ?? null) ? [] : [`${id} is shown by something else than before`]),
    ...(is.owner === was.owner ? [] : [`${id} is owed by ${is.owner} and no longer by ${was.owner}`]),
    ...(isSame(is.escalation.toSorted(), was.escalation.toSorted()) ? [] : [`${id} escalates to others than before`]),
    ...(is.environment === was.environment
      ? []
      : [`${id} is of ${place(is.environment)} and no longer of ${place(was.environment)}`]),
    ...(was.digest !== null && is.digest === null ? [`${id} does not watch files any more`] : []),
    ...(is.digest === null ? [] : unwatched(was, is).map((pattern) => `${id} does not watch ${pattern} any more`)),
  ];
}

/** What was watched and is not: older versions have not kept it. What a wider pattern fits is watched still. */
const unwatched = ({ watches: was = [] }: Duty, { watches: is = [] }: Duty): readonly string[] =>
  was.filter((one) => !is.some((other) => fitsSelector(other, one) || one.startsWith(`${other.replace(/\/$/, "")}/`)));

/**
 * What a duty is shown by, where that is written elsewhere: the steps of its playbook, and how its backup is made and restored.
 */
function ofRecipe({ id, run }: Duty, before: DutyPlan, after: DutyPlan): readonly string[] {
  const stepsIn = ({ playbooks = [] }: DutyPlan): unknown =>
    playbooks
      .find((one) => run?.kind === "playbook" && one.id === run.playbook)
      ?.steps.map(({ line: _line, ...step }) => step);
  const backupIn = ({ backups = [] }: DutyPlan): unknown =>
    backups.find(({ name }) => [`backup/${name}`, `drill/${name}`, `delete-probe/${name}`].includes(withoutPart(id)));
  return [
    // Older versions have kept neither.
    ...(before.playbooks === undefined || isSame(stepsIn(before), stepsIn(after))
      ? []
      : [`the steps of the playbook that shows ${id} are others`]),
    ...(before.backups === undefined || isSame(backupIn(before), backupIn(after))
      ? []
      : [`${id} makes or restores something else than before`]),
  ];
}

/** What one of two is enough for kept an environment as it was by itself before. */
const ofStandIns = ({ id }: Duty, { duties: were }: DutyPlan, { duties: are }: DutyPlan): readonly string[] => {
  const had = standInsOf(id, were);
  return standInsOf(id, are)
    .filter((other) => !had.includes(other))
    .map((other) => `${other} stands in for ${id} where that fails`);
};

/** `backup/orders` of `backup/orders:full`. */
const withoutPart = (id: string): string => id.split(":")[0] ?? id;

/** Which incidents there are, and how severe they are, decides what a gate that asks for none is worth. */
function ofIncidents({ environment, require }: DutyGate, before: DutyPlan, after: DutyPlan): readonly string[] {
  const asked = require.find((selector) => fitsSelector(selector, "incident:no-open-sev1"));
  if (asked === undefined) return [];
  const severitiesOf = ({ severities = usualSeverities }: DutyPlan): unknown => severities;
  return [
    ...(isSame(severitiesOf(before), severitiesOf(after))
      ? []
      : [`${environment} asks for ${asked}, and how severe incidents are is judged by another table`]),
    ...((before.intake ?? null) === null || isSame(before.intake, after.intake ?? null)
      ? []
      : [`${environment} asks for ${asked}, and what users tell is taken in otherwise than before`]),
  ];
}

/** What a scan may pass over decides what a gate that asks for one is worth: an entry more, a wider or a longer one. */
function ofAllowed(gate: DutyGate, before: DutyPlan, { allowed: is = [] }: DutyPlan): readonly string[] {
  const scan = neededBy(gate, before).find(({ run }) => run?.kind === "scan");
  if (scan === undefined) return [];
  const was = before.allowed ?? [];
  return is
    .filter(
      (one) =>
        !was.some(
          (other) => other.path === one.path && other.fingerprint === one.fingerprint && one.until <= other.until,
        ),
    )
    .map(
      ({ path, fingerprint, until }) =>
        `${gate.environment} asks for ${scan.id}, which passes over ${path ?? "anything"}${fingerprint === null ? "" : ` (${fingerprint.slice(0, 8)})`} until ${until}`,
    );
}

/** Only of roles by which somebody shows, waives or accepts what the gate asks for. */
function ofRoles(gate: DutyGate, before: DutyPlan, after: DutyPlan): readonly string[] {
  const peopleIn = ({ roles }: DutyPlan, role: string): readonly string[] =>
    (roles.find(({ name }) => name === role)?.people ?? [])
      .map(({ name, until }) => `${name} ${until ?? ""}`)
      .toSorted();
  const mattering = neededBy(gate, before).flatMap(({ owner, escalation }) => [owner, ...escalation]);
  return [...new Set([gate.owner, ...before.waivers.approvers, ...mattering])]
    .filter((role) => !isSame(peopleIn(before, role), peopleIn(after, role)))
    .map((role) => `others are ${role} than before, which ${gate.environment} relies on`);
}
