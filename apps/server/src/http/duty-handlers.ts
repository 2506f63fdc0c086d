import type { DutyShape, GateDecisionShape } from "@fairway/api";
import { cronClock } from "@fairway/config";
import type { DutyPlan, DutyStanding, Evidence, GateDecision, ReleaseId, Repository } from "@fairway/core";
import { dayOf, FairwayError, isDay, matrixInMarkdown, matrixOf, peopleOf } from "@fairway/core";
import type { Attestation, DutiesInForce, DutyControl, Store } from "@fairway/engine";
import { digestOf, dutyTimesBetween, listReleases, whoGains } from "@fairway/engine";
import { cadenceInWords } from "./cadence-in-words.ts";
import type { Handlers } from "./http-server.ts";
import { assertShownOtherwise } from "./shown-otherwise.ts";
import { assertMayAttest } from "./may-attest.ts";

interface DutyHandlerParts {
  readonly store: Store;
  readonly control: { readonly duties: DutyControl };
  readonly repository: Repository;
}

type DutyOperations =
  | "duties"
  | "duty"
  | "attestDuty"
  | "waiveDuty"
  | "readDuties"
  | "acceptDuties"
  | "readiness"
  | "replayDecision"
  | "dutyMatrix"
  | "dutyCalendar"
  | "dutyFeed";

/** What people owe, and what is on record of it. */
export function dutyHandlers({
  store,
  control: { duties },
  repository,
}: DutyHandlerParts): Pick<Handlers, DutyOperations> {
  const oneOf = async (id: string, release: string | null): Promise<DutyShape> => {
    const { plan } = await duties.inForce();
    const found = (await duties.standings({ release })).find(({ duty }) => duty.id === id);
    if (found === undefined)
      throw new FairwayError("not_found", `there is no duty ${id}`, { hint: "see which there are: fairway duties" });
    return dutyView(found, plan);
  };
  return {
    duties: async ({ env: environment, release = null }) => {
      const { plan, ...state } = await duties.inForce();
      const standings = await duties.standings({ environment, release });
      return { ...stateView(state), duties: standings.map((standing) => dutyView(standing, plan)) };
    },
    duty: async ({ duty, release = null, limit }) => ({
      ...(await oneOf(duty, release)),
      evidence: (await duties.evidence({ duty, release, limit })).map(evidenceView),
    }),
    attestDuty: async ({ by: _by, ...attestation }, { actor, caller }) => {
      const { plan } = await duties.inForce();
      assertShownOtherwise(plan, attestation);
      assertMayAttest(plan, attestation.duty, { actor, token: caller?.token?.kind ?? null }, dayOf(Date.now()));
      await duties.attest(attestation as Attestation);
      return oneOf(attestation.duty, attestation.release);
    },
    waiveDuty: async ({ duty, release, reason, until }) => {
      const { plan } = await duties.inForce();
      const of = plan.duties.find(({ id }) => id === duty)?.environment ?? null;
      const gaining = await whoGains(store, repository, release as ReleaseId | null, of);
      await duties.waive({ duty, release, because: reason, until: until === null ? null : Date.parse(until), gaining });
      return oneOf(duty, release);
    },
    readDuties: async ({ ref }) => stateView(await duties.reader.look((await repository.resolve(ref)).sha)),
    acceptDuties: async ({ what }, { actor }) => stateView(await duties.reader.accept([actor.name, actor.id], what)),
    readiness: async ({ environment, release = null }) => {
      const asked = { environment, release: release as ReleaseId | null, reason: "deploy", remedies: [] } as const;
      return decisionView(await duties.readiness(asked));
    },
    replayDecision: async ({ number }) => {
      const { decision, ...found } = await duties.replay(number);
      return { ...found, decision: decisionView(decision) };
    },
    dutyMatrix: async () => {
      // How what is owed of each release stands is known of the newest; what was shown last may be of one before.
      const [newest] = await listReleases(store, { limit: 1, forEnvironments: true });
      const rows = matrixOf(await duties.standingsOfAll(newest?.id ?? null));
      const markdown = matrixInMarkdown(rows);
      return {
        rows: rows.map((row) => ({
          ...row,
          owners: [...row.owners],
          automation: [...row.automation],
          states: { ...row.states },
        })),
        markdown,
        digest: digestOf(markdown),
      };
    },
    dutyCalendar: ({ from = dayOf(Date.now()), until, owner }) => {
      const begin = dayAt(from);
      return timesOf(duties, store, {
        from: begin,
        until: until === undefined ? begin + 31 * day - 1 : dayAt(until) + day - 1,
        owner,
      });
    },
    dutyFeed: async ({ owner }) => {
      const now = Date.now();
      const times = await timesOf(duties, store, { from: now - 30 * day, until: now + 366 * day, owner });
      const { dutyFeed } = await import("./duty-feed.ts");
      const { commit } = await duties.inForce();
      const body = dutyFeed(times, commit);
      return { name: "duties.ics", type: "text/calendar; charset=utf-8", body: inOne(body) };
    },
  };
}

const day = 86_400_000;

/** Throws `bad_request` for what no calendar has. */
function dayAt(written: string): number {
  if (isDay(written)) return Date.parse(written);
  throw new FairwayError("bad_request", `${written} is no day of the calendar`, { hint: "write 2026-11-22" });
}

async function* inOne(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function timesOf(
  duties: DutyControl,
  store: Store,
  { from, until, owner }: { readonly from: number; readonly until: number; readonly owner: string | undefined },
): Promise<Awaited<ReturnType<Handlers["dutyCalendar"]>>> {
  if (until - from > 800 * day)
    throw new FairwayError("bad_request", "a calendar is of two years at the most", { hint: "ask for a shorter time" });
  const times = await dutyTimesBetween({ store, duties, clock: cronClock }, from, until);
  return times
    .filter(({ duty }) => owner === undefined || duty.owner === owner)
    .map(({ duty: { id, title, owner: of, environment }, slot, due, outcome }) => ({
      ...{ duty: id, title, owner: of, environment, slot, outcome },
      due: new Date(due).toISOString(),
    }));
}

const stateView = ({ commit, looked, problems, held }: DutiesInForce): Awaited<ReturnType<Handlers["readDuties"]>> => ({
  commit,
  looked,
  problems: [...problems],
  held: held === null ? null : { commit: held.commit, weaker: [...held.weaker], waitsFor: [...(held.waitsFor ?? [])] },
});

const decisionView = ({ rows, ...decision }: GateDecision): GateDecisionShape => ({
  ...decision,
  rows: rows.map((row) => ({ ...row })),
});

function dutyView(
  { duty, newest, waiver, isOwnerless: _isOwnerless, ...standing }: DutyStanding,
  { roles }: DutyPlan,
): DutyShape {
  const { id, title, owner, escalation, environment, cadence, task, automation, place, run, mend = null } = duty;
  return {
    ...{ id, title, owner, environment, task, automation, mend, place: place.file === "" ? null : { ...place } },
    people: [...peopleOf(roles, owner, dayOf(Date.now()))],
    escalation: [...escalation],
    cadence: cadenceInWords(cadence),
    runs: run === undefined ? null : { kind: run.kind, scheduled: run.scheduled },
    ...{ state: standing.state, why: standing.why, dueAt: standing.dueAt },
    last: newest === null ? null : evidenceView(newest),
    waiver:
      waiver === null ? null : { by: waiver.by, because: waiver.because, until: waiver.until, release: waiver.release },
  };
}

const evidenceView = ({
  by,
  facts,
  artifacts,
  duty: _duty,
  environment: _environment,
  ...evidence
}: Evidence): NonNullable<DutyShape["last"]> => ({
  ...evidence,
  by: by.name,
  facts: { ...facts },
  artifacts: artifacts.map((artifact) => ({ ...artifact })),
});
