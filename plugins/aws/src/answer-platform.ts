import type { AwsAccess, PlatformCheck, PlatformQuestion, Verdict } from "@fairway/core";
import { FairwayError, scopeOf } from "@fairway/core";
import type { AlbRouter } from "./alb/alb-router.ts";
import type { AwsServices } from "./aws-services.ts";
import { ecrHost } from "./ecr/ecr-repository.ts";

/** Whom questions are asked of. */
export interface AnsweringParts {
  readonly at: (access: AwsAccess) => AwsServices;
  /** The router of a load balancer, by its listener. */
  readonly routerOf: (listener: Extract<PlatformCheck, { asks: "targets" }>["balancers"][number]) => AlbRouter;
}

/** What AWS answers to a check; null while it has no answer yet. Throws for what could not be asked. */
export async function answerPlatform(
  { at, routerOf }: AnsweringParts,
  check: PlatformCheck,
  { environment, images, since }: PlatformQuestion,
): Promise<Verdict | null> {
  switch (check.asks) {
    case "alarms":
      return at(check.access).alarms(check.alarms);
    case "canary":
      return at(check.access).canary(check.canary, since);
    case "scan": {
      const found = await Promise.all(
        images.map(async ({ service, image, digest }) => ({
          service,
          verdict: await scanned(at, image, digest, check.failsAt),
        })),
      );
      return images.length === 0
        ? { verdict: "inconclusive", summary: "the release has no images" }
        : together(found.map(({ service, verdict }) => ({ what: service, verdict })));
    }
    case "targets": {
      const found = await Promise.all(check.balancers.map((balancer) => routerOf(balancer).targets(environment)));
      const targets = found.flat();
      const bare = check.balancers
        .flatMap(({ services = [] }) => services)
        .filter((service) => !targets.some(({ route }) => route === scopeOf(environment, service)));
      // What drains is on its way out, and what is not registered yet comes.
      const ill = targets.filter(({ state }) => state !== "healthy" && state !== "draining");
      const coming = ill.filter(({ state }) => state === "initial");
      if (targets.length === 0) return { verdict: "failed", summary: "no replica is registered at the load balancer" };
      if (bare.length > 0)
        return { verdict: "failed", summary: `no replica of ${bare.join(", ")} is registered at the load balancer` };
      if (coming.length > 0) return null;
      return ill.length === 0
        ? { verdict: "passed", summary: `${targets.length} replicas are behind the load balancer` }
        : {
            verdict: "failed",
            summary: ill.map(({ address, state, why }) => `${address} ${state}: ${why}`).join("; "),
          };
    }
  }
}

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/api` at its own account and region. */
function scanned(
  at: AnsweringParts["at"],
  image: string,
  digest: string,
  failsAt: Extract<PlatformCheck, { asks: "scan" }>["failsAt"],
): Promise<Verdict | null> {
  const [host = "", ...path] = image.split("/");
  const place = ecrHost(host);
  if (place === null) throw new FairwayError("not_allowed_now", `${host} is no registry of ECR, and scans no image`);
  return at({ ...place, profile: null, role: null }).scan({ repository: path.join("/"), digest }, failsAt);
}

/** One that fails is a no of all; one that has not answered keeps the others waiting. */
function together(found: readonly { readonly what: string; readonly verdict: Verdict | null }[]): Verdict | null {
  const of = (wanted: Verdict["verdict"]): readonly string[] =>
    found.flatMap(({ what, verdict }) => (verdict?.verdict === wanted ? [`${what}: ${verdict.summary}`] : []));
  const [failed, unclear] = [of("failed"), of("inconclusive")];
  if (failed.length > 0) return { verdict: "failed", summary: failed.join("; ") };
  if (found.some(({ verdict }) => verdict === null)) return null;
  return unclear.length > 0
    ? { verdict: "inconclusive", summary: unclear.join("; ") }
    : { verdict: "passed", summary: of("passed").join("; ") };
}
