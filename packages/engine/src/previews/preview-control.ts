import type { Actor, CommitHistory, Forge, Project, ProjectPreviews, Repository, Sha } from "@fairway/core";
import { actorLabel, branchOf, FairwayError, isTerminal, previewOfPull } from "@fairway/core";
import type { ControlOptions } from "../control/control.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { PreviewDatabases } from "../databases/preview-databases.ts";
import type { Places } from "../rollouts/places.ts";
import type { Engine } from "../runs/engine.ts";
import { recordAudit, recordChange } from "../store/audit.ts";
import type { NewPreview, Preview, PreviewEnd } from "../store/previews.ts";
import {
  changePreview,
  endedOfPulls,
  forgetPreviews,
  keepPreview,
  listPreviews,
  livePreviews,
  previewByName,
} from "../store/previews.ts";
import { openPulls } from "../store/pulls.ts";
import { runById } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { carryPreview } from "./carry-preview.ts";
import { planPreviewEnd } from "./end-preview.ts";
import { orphansAmong } from "./orphans.ts";
import { sweepDatabases } from "./preview-database.ts";
import { assertLabel, labelOfRef } from "./preview-label.ts";
import { previewUse } from "./preview-use.ts";
import { movedTo, pullMoves } from "./pull-moves.ts";

export interface PreviewParts {
  readonly store: Store;
  readonly engine: Pick<Engine, "run" | "runs" | "startRun" | "cancel">;
  readonly plane: Pick<ControlPlane, "makeRelease" | "deploy">;
  readonly repository: Repository;
  readonly places: Places;
  /** Null where previews have no databases of Fairway's making. */
  readonly databases: (of: Pick<ProjectPreviews, "database">) => Promise<PreviewDatabases | null>;
  /** Where the repository is kept, and what the main branch says. */
  readonly forge: () => Promise<{ readonly forge: Forge; readonly project: Project | null }>;
  readonly history: () => Promise<CommitHistory>;
  /** The newest configuration, which says what environments there are. */
  readonly project: () => Promise<Project | null>;
  readonly now: () => number;
  readonly log: ControlOptions["log"];
}

/** What whoever asks for a preview says. */
export interface PreviewRequest {
  /** A branch, a tag, a commit, or the number of an open pull request. */
  readonly ref: string;
  /** Null takes one made of the ref. */
  readonly name: string | null;
}

/** A preview with how what it shows stands. */
export interface PreviewStanding {
  readonly preview: Preview;
  /** In a word: what it is doing, or why it does nothing. */
  readonly standing:
    | "waiting"
    | "asking"
    | "building"
    | "deploying"
    | "ready"
    | "asleep"
    | "failed"
    | "ending"
    | "ended";
  readonly why: string;
}

/** What becomes of a request that came while no replica answered. */
export interface Knock {
  readonly preview: Preview;
  readonly standing: PreviewStanding["standing"];
  /** Whether replicas answer at the host by now. */
  readonly answers: boolean;
}

/** The environments of pull requests, and of refs that somebody asked for. */
export interface PreviewControl {
  /** Opens one. Throws `bad_request`, `not_allowed_now`, `revision_not_found`. */
  open(request: PreviewRequest, actor: Actor): Promise<PreviewStanding>;
  /** Has one taken away; within seconds it is gone. May be repeated. Throws `not_found`. */
  close(name: string, actor: Actor): Promise<PreviewStanding>;
  /** Lets a commit of a fork in. Throws `not_found`, and `not_allowed_now` when it is another one by now. */
  approve(name: string, sha: Sha, actor: Actor): Promise<PreviewStanding>;
  list(filter: { readonly ended: boolean; readonly limit: number }): Promise<readonly PreviewStanding[]>;
  /** One, also when it has ended. Throws `not_found`. */
  show(name: string): Promise<PreviewStanding>;
  /** Tells of a request to a host that nobody answered at, and wakes what sleeps there; null for no preview's. */
  knock(host: string): Promise<Knock | null>;
  /** Learns what sleeps, before anybody looks after the services. */
  remember(): Promise<void>;
  /** Whether replicas of an environment are to be left stopped, as it was at the last look. */
  isAsleep(environment: string): boolean;
  /** Brings previews to what is wanted of them. Done again and again. */
  work(): Promise<void>;
  /** Looks at who uses them, and at the branches of those that were asked for. Done again and again. */
  watch(): Promise<void>;
  /** Takes away what belongs to no preview, by the lists of the machine and of the database server. Done now and then. */
  sweep(): Promise<void>;
}

export function previewControl(parts: PreviewParts): PreviewControl {
  const { store, engine, places, log, now } = parts;
  let asleep: ReadonlySet<string> = new Set();
  /** Whether there was any at the last look: where there is none nothing is asked. */
  let some = false;
  const use = previewUse({ ...parts, end });

  function noteAsleep(live: readonly Preview[]): void {
    asleep = new Set(
      live.flatMap(({ name, asleepSince, state }) => (asleepSince !== null && state === "open" ? [name] : [])),
    );
    some = live.length > 0;
  }

  async function settings(): Promise<ProjectPreviews | null> {
    return (await parts.forge()).project?.previews ?? null;
  }

  async function keep(preview: NewPreview, actor: Actor | null): Promise<Preview | null> {
    return store.transaction(async (tx) => {
      const kept = await keepPreview(tx, preview);
      const record = {
        action: "preview.opened" as const,
        subject: preview.name,
        environment: preview.name,
        detail: { ref: preview.ref, sha: preview.sha, fork: preview.fromFork },
      };
      if (kept === null) return null;
      if (actor === null) recordChange(tx, record.action, record);
      else recordAudit(tx, { actor, ...record });
      return kept;
    });
  }

  async function end(preview: Preview, endedFor: PreviewEnd, why: string, actor: Actor | null = null): Promise<void> {
    await store.transaction(async (tx) => {
      const changed = await changePreview(tx, preview, { state: "ending", endedFor, why });
      if (changed === null) return;
      const record = {
        action: "preview.ending" as const,
        subject: preview.name,
        environment: preview.name,
        detail: { why },
      };
      if (actor === null) recordChange(tx, record.action, record);
      else recordAudit(tx, { actor, ...record });
    });
  }

  /** What the forge has open, against what there is. */
  async function followPulls(live: readonly Preview[]): Promise<void> {
    const { forge, project } = await parts.forge();
    const pulls = await openPulls(store, forge.name);
    if (pulls.length === 0 && live.every(({ pull }) => pull === null)) return;
    const ended = await endedOfPulls(
      store,
      pulls.map(({ number }) => number),
    );
    for (const move of pullMoves({ settings: project?.previews ?? null, pulls, live, ended }))
      switch (move.do) {
        case "open":
          await keep(move.preview, null);
          break;
        case "change":
          await store.transaction((tx) => changePreview(tx, move.preview, move.change));
          break;
        case "end":
          await end(move.preview, move.for, move.why);
      }
  }

  async function named(name: string): Promise<Preview> {
    const found = await previewByName(store, name);
    if (found !== null) return found;
    throw new FairwayError("not_found", `there is no preview "${name.slice(0, 100)}"`, {
      hint: "`fairway preview list` lists them",
    });
  }

  async function standingOf(preview: Preview): Promise<PreviewStanding> {
    const is = (standing: PreviewStanding["standing"], why = preview.why): PreviewStanding => ({
      preview,
      standing,
      why,
    });
    if (preview.state !== "open") return is(preview.state);
    const current = preview.releaseTurn === preview.turn;
    const [release, deploy] = await Promise.all([
      current && preview.releaseRun !== null ? runById(store, preview.releaseRun) : null,
      preview.deployRun === null ? null : runById(store, preview.deployRun),
    ]);
    if (current && release === null) return is("failed");
    if (release === null || !isTerminal(release.state)) return is("building");
    if (release.state !== "succeeded") return is("failed", preview.why || `${release.id} ${release.state}`);
    if (deploy === null) return preview.why === "" ? is("deploying") : is("failed");
    if (!isTerminal(deploy.state)) return is("deploying");
    if (deploy.state !== "succeeded") return is("failed", `${deploy.id} ${deploy.state}`);
    return is(preview.asleepSince === null ? "ready" : "asleep");
  }

  async function openPull(number: number, wanted: ProjectPreviews): Promise<Preview> {
    const { forge } = await parts.forge();
    const pull = (await openPulls(store, forge.name)).find((one) => one.number === number);
    if (pull === undefined) throw new FairwayError("not_found", `${forge.name} has no open pull request ${number}`);
    const [move] = pullMoves({
      settings: { ...wanted, pullRequests: true },
      pulls: [{ ...pull, isNews: true }],
      live: (await livePreviews(store))
        .filter((one) => one.pull !== null && one.pull !== number)
        .map((one) => ({ ...one, pull: 0, state: "ending" as const })),
      ended: new Map(),
    });
    if (move?.do !== "open") throw new FairwayError("not_allowed_now", "forks get no previews here");
    return (await keep(move.preview, null)) ?? named(previewOfPull(number));
  }

  return {
    async open({ ref, name }, actor) {
      const wanted = await settings();
      if (wanted === null)
        throw new FairwayError("not_allowed_now", "the configuration of the main branch says nothing of previews", {
          hint: "write previews: {} into it",
        });
      const live = await livePreviews(store);
      const [, number] = /^(?:#|pr-)?(\d{1,9})$/u.exec(ref) ?? [];
      const wasThere = live.find(
        (one) => one.name === (number === undefined ? (name ?? labelOfRef(ref)) : `pr-${number}`),
      );
      if (wasThere === undefined && live.length >= wanted.most)
        throw new FairwayError(
          "not_allowed_now",
          `there are ${live.length} previews already, and no more than ${wanted.most} at once`,
          {
            hint: "close one: fairway preview close NAME",
          },
        );
      if (number !== undefined && name === null)
        return standingOf(wasThere ?? (await openPull(Number(number), wanted)));
      if (name !== null) assertLabel(name);
      const label = name ?? labelOfRef(ref);
      const revision = await parts.repository.resolve(ref);
      await refuseForks(ref, revision.sha);
      const known = [await parts.project(), (await parts.forge()).project].flatMap((one) => one?.environments ?? []);
      if (known.some((environment) => environment.name === label))
        throw new FairwayError("not_allowed_now", `${label} is an environment already`, {
          hint: "give it another name with --name",
        });
      const branch = await (await parts.history()).tip(`refs/heads/${ref}`);
      const full = branch === revision.sha ? `refs/heads/${ref}` : ref;
      if (wasThere !== undefined) return standingOf(await again(wasThere, full, revision.sha, actor));
      const kept = await keep(
        {
          name: label,
          pull: null,
          ref: full,
          title: revision.subject,
          fromFork: false,
          sha: revision.sha,
          state: "open",
          why: "",
          settings: wanted,
          openedBy: actorLabel(actor),
        },
        actor,
      );
      return standingOf(kept ?? (await named(label)));
    },

    async close(name, actor) {
      const preview = await named(name);
      if (preview.state !== "ending" && preview.state !== "ended")
        await end(preview, "person", `${actorLabel(actor)} closed it`, actor);
      return standingOf(await named(name));
    },

    async approve(name, sha, actor) {
      const preview = await named(name);
      if (preview.sha !== sha)
        throw new FairwayError(
          "not_allowed_now",
          `${name} shows ${preview.sha.slice(0, 12)} by now: look at that commit first`,
        );
      if (preview.state === "asking")
        await store.transaction(async (tx) => {
          const by = actorLabel(actor);
          const change = { state: "open", why: "", approvedSha: sha, approvedBy: by } as const;
          if ((await changePreview(tx, preview, change)) === null)
            throw new FairwayError("not_allowed_now", `${name} has changed meanwhile: look at it again`);
          recordAudit(tx, { actor, action: "preview.approved", subject: name, environment: name, detail: { sha } });
        });
      else if (preview.approvedSha !== sha)
        throw new FairwayError("not_allowed_now", `${name} asks for nobody's approval: it is ${preview.state}`);
      return standingOf(await named(name));
    },

    async list({ ended, limit }) {
      const found = ended ? await listPreviews(store, limit) : await livePreviews(store);
      return Promise.all(found.slice(0, limit).map(standingOf));
    },
    show: async (name) => standingOf(await named(name)),

    async knock(host) {
      const preview = (await livePreviews(store)).find(({ hosts }) => hosts.includes(host));
      if (preview === undefined) return null;
      if (preview.state === "open" && preview.asleepSince !== null) {
        await store.transaction((tx) => changePreview(tx, preview, { asleepSince: null, usedAt: new Date(now()) }));
        asleep = new Set([...asleep].filter((name) => name !== preview.name));
      }
      const woken = await named(preview.name);
      const { standing } = await standingOf(woken);
      return { preview: woken, standing, answers: standing === "ready" && (await places.answersAt?.(host)) !== false };
    },

    async remember() {
      noteAsleep(await livePreviews(store));
    },
    isAsleep: (environment) => asleep.has(environment),

    async work() {
      await followPulls(await livePreviews(store));
      const live = await livePreviews(store);
      noteAsleep(live);
      // One after the other, and one that cannot be carried on keeps no other waiting.
      for (const preview of live) await carryPreview(parts, preview);
    },

    async watch() {
      if (!some) return;
      const live = await livePreviews(store);
      await use.look(live);
      for (const preview of live.filter(
        ({ pull, ref, state }) => pull === null && state === "open" && branchOf(ref) !== null,
      )) {
        const tip = await (await parts.history()).tip(preview.ref);
        if (tip === null) await end(preview, "closed", `${preview.ref.slice("refs/heads/".length)} is gone`);
        else if (tip !== preview.sha) {
          const { subject } = await parts.repository.resolve(tip);
          await store.transaction((tx) => changePreview(tx, preview, { ...movedTo(preview, tip), title: subject }));
        }
      }
    },

    async sweep() {
      const wanted = await settings();
      if (wanted !== null) {
        const server = await parts.databases(wanted);
        for (const name of server === null ? [] : await sweepDatabases(store, server))
          log("warn", `took away ${name}, which belonged to no preview`);
      }
      const busy = new Set(
        (await engine.runs({ kind: "preview", open: true, limit: 500 })).map(
          ({ subject }) => (subject as { readonly environment?: string }).environment,
        ),
      );
      for (const environment of await orphansAmong(parts, (await places.standing?.()) ?? [])) {
        if (busy.has(environment)) continue;
        log("warn", `${environment} belongs to no preview that is open: it is taken away`);
        await engine.startRun(
          planPreviewEnd({ environment, preview: null, why: "it belonged to no preview" }, "fairway"),
        );
      }
      await forgetPreviews(store);
    },
  };

  /** What is a fork's is let in by its number, and not by a name for the same commit. */
  async function refuseForks(ref: string, sha: Sha): Promise<void> {
    const { forge } = await parts.forge();
    const pull = (await openPulls(store, forge.name)).find((one) => one.fromFork && one.sha === sha);
    if (pull === undefined && !/^refs\/(?:pull|fairway)\//u.test(ref)) return;
    throw new FairwayError("not_allowed_now", "the commit is that of a pull request", {
      hint: `open it by its number: fairway preview open ${pull?.number ?? "NUMBER"}`,
    });
  }

  /** The same asked for once more: it shows what the ref is now. */
  async function again(preview: Preview, ref: string, sha: Sha, actor: Actor): Promise<Preview> {
    if (preview.pull !== null || preview.ref !== ref || preview.state === "ending")
      throw new FairwayError(
        "not_allowed_now",
        `${preview.name} is the preview of ${preview.ref}, opened by ${preview.openedBy}`,
        {
          hint:
            preview.state === "ending"
              ? "it is being taken away: try again in a moment"
              : "give this one another name with --name",
        },
      );
    if (preview.sha !== sha)
      await store.transaction(async (tx) => {
        await changePreview(tx, preview, movedTo(preview, sha));
        recordAudit(tx, {
          actor,
          action: "preview.opened",
          subject: preview.name,
          environment: preview.name,
          detail: { ref, sha },
        });
      });
    return named(preview.name);
  }
}
