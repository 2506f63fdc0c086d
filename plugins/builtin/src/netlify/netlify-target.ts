import type {
  Group,
  HostedLedger,
  HostedMarks,
  NetlifyPlacement,
  Progress,
  ReleaseId,
  Rollout,
  StrategyName,
  Target,
} from "@fairway/core";
import { FairwayError, nothing } from "@fairway/core";
import { pagesAnswer } from "../hosted/page-headers.ts";
import type { PlatformApi } from "../hosted/platform-api.ts";
import { whenQuiet } from "../hosted/when-quiet.ts";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import type { NetlifyDeploy, NetlifyGift, NetlifyLook } from "./netlify-deploys.ts";
import {
  deployById,
  isDead,
  lookAtNetlify,
  makeDeploy,
  prefixOf,
  releaseIn,
  titleOf,
  uploadRequired,
} from "./netlify-deploys.ts";
import { broughtBack, lockSentence, preflightNetlify } from "./netlify-preflight.ts";

/** What a target on Netlify is made of. */
export interface NetlifyTargetParts {
  readonly placement: NetlifyPlacement;
  /** Its name in the ledger. */
  readonly scope: string;
  readonly ledger: HostedLedger;
  readonly api: PlatformApi;
  /** Asks pages for their headers. */
  readonly outgoing: GuardedFetch;
  readonly bundleOf: (release: ReleaseId) => Promise<NetlifyGift>;
  /** How often pages did not answer as they must, by rollout; losing it costs looks and nothing else. */
  readonly looks: Map<string, number>;
  readonly signal?: AbortSignal | undefined;
}

/** All of the traffic moves at once. */
const strategies: ReadonlySet<StrategyName> = new Set(["rolling", "blue-green"]);

const failed = (reason: string): Progress => ({ phase: "failed", reason });

/**
 * A service of files on Netlify: a deploy by the digests of its files, at the site itself or at a branch's address. Green only
 * when that address leads to this very deploy.
 */
export function netlifyTarget(parts: NetlifyTargetParts): Target {
  const { placement, scope, ledger, api, signal } = parts;
  const address = placement.branch ?? "site";
  const moving = (message: string): Progress => ({ phase: "moving", message, checkAgainIn: placement.poll });
  const beforeOf = ({ before }: HostedMarks): string | null => before[address] ?? null;

  async function begin(rollout: Rollout, look: NetlifyLook): Promise<HostedMarks | Progress> {
    const { current, deploys } = look;
    const locked = lockSentence(placement, look);
    if (locked !== null) return failed(locked);
    const ofRelease = deploys.filter(
      (deploy) => deploy.title.startsWith(prefixOf(rollout)) && releaseIn(deploy) === rollout.to,
    );
    // A published site goes back to a deploy that is there; a branch leads to its newest, so it gets a new one.
    const readies = ofRelease.filter(({ id, state }) =>
      placement.branch === null ? state === "ready" : id === current?.id,
    );
    const ready = await chosenOf(rollout.to, current, readies);
    const marks: HostedMarks = {
      ...{ rollout: rollout.id, release: rollout.to, desired: rollout.desired, placement },
      before: { [address]: current?.id ?? null },
      deployment: ready?.id ?? null,
      dead: ofRelease.map(({ id }) => id),
      ...{ asked: null, askedBack: null, stages: null, isBack: false },
    };
    await ledger.write(rollout.token, marks);
    const [stale] = readies;
    if (ready !== undefined || stale === undefined) return marks;
    return moving(
      `variables or secrets of this environment changed, after ${stale.id} was made: ${rollout.to} is deployed anew`,
    );
  }

  /**
   * Which ready deploy of a release may serve again. It keeps the variables that it was made with: right on a way back, which
   * asks for no value; wrong for whoever deploys a release again because one of them was changed.
   */
  async function chosenOf(
    release: ReleaseId,
    current: NetlifyDeploy | null,
    readies: readonly NetlifyDeploy[],
  ): Promise<NetlifyDeploy | undefined> {
    if (readies.length === 0) return undefined;
    const before = broughtBack(current, readies);
    if (before !== undefined && before === readies[0]) return before;
    const gift = await parts.bundleOf(release);
    return readies.find(({ variables }) => variables === gift.variables) ?? before;
  }

  /** The deploy with this title: one that whoever was killed made already, or a new one. */
  async function deployed(
    look: NetlifyLook,
    marks: HostedMarks,
    title: string,
    release: ReleaseId,
  ): Promise<{ readonly id: string } | { readonly refused: string }> {
    const there = look.deploys.find((deploy) => deploy.title === title && !marks.dead.includes(deploy.id));
    if (there !== undefined) return there;
    const gift = await parts.bundleOf(release);
    signal?.throwIfAborted();
    const made = await makeDeploy(api, look.siteId, placement, title, gift);
    return "refused" in made ? { refused: `release ${release}: ${made.refused}` } : made;
  }

  /** Takes a deploy to where it is ready. Null when it is. */
  async function readied(look: NetlifyLook, id: string, release: ReleaseId): Promise<Progress | null> {
    const deploy = await deployById(api, look.siteId, id);
    if (deploy === null) return failed(`deploy ${id} was deleted on Netlify`);
    if ("refused" in deploy) return failed(deploy.refused);
    if (isDead(deploy.state)) return failed(`Netlify could not deploy it: ${deploy.error || `it is ${deploy.state}`}`);
    if (deploy.state === "ready") return null;
    if (deploy.required.length === 0 && deploy.requiredFunctions.length === 0)
      return moving(`Netlify: ${id} is ${deploy.state}`);
    const { directory } = await parts.bundleOf(release);
    const refused = await uploadRequired(api, deploy, directory, signal);
    return refused === null ? moving(`Netlify: ${id} has what it waited for`) : failed(refused);
  }

  async function advance(rollout: Rollout): Promise<Progress> {
    await ledger.fence(rollout.token);
    signal?.throwIfAborted();
    const look = await lookAtNetlify(api, placement);
    if ("refused" in look) return failed(look.refused);
    const known = await ledger.read(scope);
    const marks = known !== null && known.rollout === rollout.id && !known.isBack ? known : await begin(rollout, look);
    if ("phase" in marks) return marks;
    if (marks.deployment === null) {
      const made = await deployed(look, marks, titleOf(rollout), rollout.to);
      if ("refused" in made) return failed(made.refused);
      await ledger.write(rollout.token, { ...marks, deployment: made.id });
      return moving(`Netlify has deploy ${made.id}`);
    }
    const mine = marks.deployment;
    const now = look.current?.id ?? null;
    // On a way back they could only bring the worse release back.
    if (now === mine && marks.dead.includes(mine)) return { phase: "succeeded" };
    if (now === mine) return pagesAnswer(parts, rollout, placement.url ?? look.url);
    if (now !== beforeOf(marks))
      return {
        phase: "failed",
        ending: "superseded",
        reason: `superseded: ${address} leads to deploy ${now ?? "nothing"}, which this rollout did not bring there`,
      };
    const waits = await readied(look, mine, rollout.to);
    if (waits !== null) return waits;
    if (placement.branch !== null) return moving(`Netlify does not lead ${address} to ${mine} yet`);
    return publish(look, mine);
  }

  /** Has the site itself lead to a deploy. Safe to repeat. */
  async function publish({ siteId }: NetlifyLook, id: string): Promise<Progress> {
    const path = `/sites/${encodeURIComponent(siteId)}/deploys/${encodeURIComponent(id)}/restore`;
    const answer = await api.call({ method: "POST", path });
    return answer.ok ? moving(`publishing ${id}`) : failed(answer.refusal.sentence);
  }

  async function abort(rollout: Rollout): Promise<Progress> {
    await ledger.fence(rollout.token);
    const marks = await ledger.read(scope);
    const isMine = marks?.rollout === rollout.id;
    const isEnd = rollout.from === null && rollout.desired === 0;
    if (marks === null || (isMine ? marks.isBack : !isEnd)) return { phase: "succeeded" };
    const look = await lookAtNetlify(api, placement);
    if ("refused" in look) return failed(look.refused);
    if (!isMine)
      return takeAway(
        rollout,
        look,
        look.deploys.filter(({ title }) => title.startsWith(prefixOf(rollout))),
      );
    const mine = look.deploys.find(
      ({ id, title }) => id === marks.deployment || (title === titleOf(rollout) && !marks.dead.includes(id)),
    );
    const now = look.current?.id ?? null;
    const before = beforeOf(marks);
    // Once it is ready it would be published by itself.
    if (mine !== undefined && isOpen(mine)) return cancel(look, mine.id);
    if (now === before) {
      const mayCome = placement.branch === null && mine?.state === "ready" && marks.askedBack === null;
      if (!mayCome) return done(rollout, marks);
      // It may have become ready since the site was asked, or be asked for and not answered: Netlify still publishes it then.
      if (before !== null) return publishBack(rollout, look, marks, before);
      return marks.dead.includes(mine.id) ? done(rollout, marks) : takeAway(rollout, look, [mine], marks);
    }
    const back = look.deploys.find(({ title }) => title === backTitle(rollout));
    if (now !== null && now === back?.id) return done(rollout, marks);
    if (now !== mine?.id) return failed("what runs on Netlify now was brought by somebody else; it was left as it is");
    if (before === null) return takeAway(rollout, look, mine === undefined ? [] : [mine], marks);
    if (placement.branch === null) return publishBack(rollout, look, marks, before);
    return again(rollout, look, marks, back);
  }

  const isOpen = ({ state }: NetlifyDeploy): boolean => state !== "ready" && !isDead(state);

  /**
   * Ends a deploy that is not ready yet. One that became so meanwhile cannot be cancelled, and is found so at the next look.
   */
  async function cancel({ siteId }: NetlifyLook, id: string): Promise<Progress> {
    const answer = await api.call({ method: "POST", path: `/deploys/${encodeURIComponent(id)}/cancel` });
    if (answer.ok) return moving(`cancelling ${id}`);
    const { status, sentence } = answer.refusal;
    if (![404, 409, 422].includes(status)) return failed(sentence);
    const deploy = await deployById(api, siteId, id);
    if (deploy === null) return moving(`${id} is not there any more`);
    if ("refused" in deploy) return failed(deploy.refused);
    return isOpen(deploy) ? failed(sentence) : moving(`${id} is ${deploy.state}`);
  }

  /**
   * Has the site lead to what it led to, and remembers that Netlify took it: after that the new one comes no more by itself.
   */
  async function publishBack(
    rollout: Rollout,
    look: NetlifyLook,
    marks: HostedMarks,
    before: string,
  ): Promise<Progress> {
    const answer = await publish(look, before);
    if (answer.phase === "moving" && marks.askedBack === null)
      await ledger.write(rollout.token, { ...marks, askedBack: look.current?.createdAt ?? 0 });
    return answer;
  }

  /** A branch leads to its newest deploy, so the old release is deployed there again; its files are there. */
  async function again(
    rollout: Rollout,
    look: NetlifyLook,
    marks: HostedMarks,
    back: NetlifyDeploy | undefined,
  ): Promise<Progress> {
    if (rollout.from === null)
      return failed(
        `deploy ${String(beforeOf(marks))} was not brought by Fairway, and a branch of Netlify does not go back by itself`,
      );
    if (back !== undefined)
      return (await readied(look, back.id, rollout.from)) ?? moving(`Netlify does not lead ${address} back yet`);
    const made = await deployed(look, { ...marks, dead: [] }, backTitle(rollout), rollout.from);
    return "refused" in made ? failed(made.refused) : moving(`Netlify has deploy ${made.id} of ${rollout.from}`);
  }

  const backTitle = (rollout: Rollout): string => `${titleOf({ ...rollout, to: rollout.from ?? rollout.to })} back`;

  async function done(rollout: Rollout, marks: HostedMarks): Promise<Progress> {
    await ledger.write(rollout.token, { ...marks, isBack: true });
    return { phase: "succeeded" };
  }

  async function takeAway(
    rollout: Rollout,
    { siteId }: NetlifyLook,
    deploys: readonly NetlifyDeploy[],
    marks?: HostedMarks,
  ): Promise<Progress> {
    for (const { id } of deploys) {
      const path = `/sites/${encodeURIComponent(siteId)}/deploys/${encodeURIComponent(id)}`;
      const answer = await api.call({ method: "DELETE", path });
      if (!answer.ok && answer.refusal.status !== 404) return failed(answer.refusal.sentence);
    }
    if (marks !== undefined) return done(rollout, { ...marks, deployment: null });
    await ledger.forget(rollout.token);
    return { phase: "succeeded" };
  }

  return {
    kind: "netlify",
    strategies,
    preflight: (rollout) => preflightNetlify(parts, rollout),
    fence: (token) => ledger.fence(token),
    advance: (rollout) => whenQuiet(api, () => advance(rollout)),
    abort: (rollout) => whenQuiet(api, () => abort(rollout)),
    async observe() {
      const look = await lookAtNetlify(api, placement);
      if ("refused" in look)
        throw new FairwayError("not_found", look.refused, { hint: "check `netlify` of the environment" });
      const { current } = look;
      if (current === null) return new Map<ReleaseId, Group>();
      const marks = await ledger.read(scope);
      const release = current.id === marks?.deployment ? marks.release : (releaseIn(current) ?? current.id);
      const desired = marks?.desired ?? 1;
      return new Map([[release as ReleaseId, { ...nothing, running: desired, ready: desired }]]);
    },
  };
}
