import type { EnvironmentShape } from "@fairway/api";
import type { ReactElement } from "react";
import { ChainPlace } from "../../components/chain-place.tsx";
import { ReplicaDots } from "../../components/replica-dots.tsx";
import { webAddress } from "../../text/web-address.ts";
import { trafficWords } from "./traffic-words.ts";

type Service = EnvironmentShape["services"][number];

/** The services of an environment: replicas as they are, and what users ask of them. */
export function ServiceRows({
  services,
  release,
}: {
  readonly services: readonly Service[];
  readonly release: string | null;
}): ReactElement | null {
  if (services.length === 0) return null;
  return (
    <ul className="home-services">
      {services.map(({ name, desired, ready, replicas, urls, problem, traffic, maintenance, warm, chain }) => {
        const failing = replicas.find(({ state }) => state === "failed")?.reason?.split("\n")[0];
        const trouble = problem ?? failing ?? (maintenance === null ? null : `closed for its users: ${maintenance}`);
        return (
          <li key={name}>
            <span className="home-service-name cut">
              {urls[0] === undefined ? (
                name
              ) : (
                <a href={webAddress(urls[0])} target="_blank" rel="noreferrer noopener">
                  {name}
                </a>
              )}
            </span>
            {chain === undefined ? (
              <ReplicaDots replicas={replicas} desired={desired} ready={ready} current={release} />
            ) : (
              <ChainPlace chain={chain} />
            )}
            <span className="home-service-traffic num muted">
              {trouble ?? (chain === undefined ? trafficWords(traffic) : "")}
              {warm === null ? "" : ` · ${warm.replicas} of ${warm.release} kept warm`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
