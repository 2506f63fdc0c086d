import type { Actor, Sha } from "@fairway/core";
import { actorLabel, branchOf, FairwayError } from "@fairway/core";
import { recordAudit } from "../store/audit.ts";
import type { Preview, PreviewEnd } from "../store/previews.ts";
import { changePreview, endedOfPulls, forgetPreviews, listPreviews, livePreviews } from "../store/previews.ts";
import { openPulls } from "../store/pulls.ts";
import { carryPreview } from "./carry-preview.ts";
import { planPreviewEnd } from "./end-preview.ts";
import type { PreviewRequest } from "./open-preview.ts";
import { openPreview } from "./open-preview.ts";
import { orphansAmong } from "./orphans.ts";
import { sweepDatabases } from "./preview-database.ts";
import type { PreviewParts } from "./preview-parts.ts";
import { previewSettings } from "./preview-parts.ts";
import { endPreview, keepOpened, previewNamed } from "./preview-record.ts";
import type { PreviewStanding } from "./preview-standing.ts";
import { standingOf } from "./preview-standing.ts";
import { previewUse } from "./preview-use.ts";
import { movedTo, pullMoves } from "./pull-moves.ts";
import { oneByOne } from "../control/one-by-one.ts";

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
  list(filter: {
    readonly ended: boolean;
    readonly limit: number;
    /** Only those that were opened before this one. */
    readonly before?: number | null;
  }): Promise<readonly PreviewStanding[]>;
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
  const end = (preview: Preview, endedFor: PreviewEnd, why: string, actor: Actor | null = null): Promise<void> =>
    endPreview(store, preview, { endedFor, why, actor });
  const named = (name: string): Promise<Preview> => previewNamed(store, name);
  const standing = (preview: Preview): Promise<PreviewStanding> => standingOf(store, preview);
  const use = previewUse({ ...parts, end });

  function noteAsleep(live: readonly Preview[]): void {
    asleep = new Set(
      live.flatMap(({ name, asleepSince, state }) => (asleepSince !== null && state === "open" ? [name] : [])),
    );
    some = live.length > 0;
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
          await keepOpened(store, move.preview, null);
          break;
        case "change":
          await store.transaction((tx) => changePreview(tx, move.preview, move.change));
          break;
        case "end":
          await end(move.preview, move.for, move.why);
      }
  }

  return {
    open: async (request, actor) => standing(await openPreview(parts, request, actor)),

    async close(name, actor) {
      const preview = await named(name);
      if (preview.state !== "ending" && preview.state !== "ended")
        await end(preview, "person", `${actorLabel(actor)} closed it`, actor);
      return standing(await named(name));
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
      return standing(await named(name));
    },

    async list(filter) {
      return Promise.all((await listPreviews(store, filter)).map(standing));
    },
    show: async (name) => standing(await named(name)),

    async knock(host) {
      const preview = (await livePreviews(store)).find(({ hosts }) => hosts.includes(host));
      if (preview === undefined) return null;
      if (preview.state === "open" && preview.asleepSince !== null) {
        await store.transaction((tx) => changePreview(tx, preview, { asleepSince: null, usedAt: new Date(now()) }));
        asleep = new Set([...asleep].filter((name) => name !== preview.name));
      }
      const woken = await named(preview.name);
      const found = await standing(woken);
      const { name: environment, settings } = woken;
      const { ecs } = settings;
      return {
        preview: woken,
        standing: found.standing,
        answers: found.standing === "ready" && (await places.answersAt?.(host, { environment, ecs })) !== false,
      };
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
      const wanted = await previewSettings(parts);
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
      const ecs = wanted?.ecs;
      await forgetPreviews(store);
      const asked = [
        async () => (await places.standing?.()) ?? [],
        async () => (ecs === undefined ? [] : ((await places.standingOnEcs?.(ecs)) ?? [])),
      ];
      const orphans = new Set<string>();
      const lookedAt = oneByOne(asked, async (there) => {
        for (const environment of await orphansAmong(parts, await there())) orphans.add(environment);
      });
      // What one place cannot tell keeps no orphan of another standing, and is thrown after that.
      await lookedAt.catch(() => undefined);
      for (const environment of orphans) {
        if (busy.has(environment)) continue;
        log("warn", `${environment} belongs to no preview that is open: it is taken away`);
        await engine.startRun(
          planPreviewEnd(
            {
              environment,
              preview: null,
              why: "it belonged to no preview",
              ...(ecs === undefined ? {} : { ecs }),
            },
            "fairway",
          ),
        );
      }
      await lookedAt;
    },
  };
}
