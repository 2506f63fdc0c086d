import type { Drained, Endpoint, ReleaseTraffic, RoutingTable } from "@fairway/core";
import type { WorkerStatus } from "../control/router-status.ts";
import type { Taken } from "../proxy/request-rates.ts";
import type { ChangedSettings } from "./changed-settings.ts";

/** What each release did, by route and release. */
export type TrafficByRoute = Readonly<Record<string, Readonly<Record<string, ReleaseTraffic>>>>;

/** What the leading worker asks of those beside it and those that retire: what holds for it must hold for them. */
export type RetireeRequest =
  | { readonly do: "apply"; readonly table: RoutingTable }
  | { readonly do: "drain"; readonly endpoints: readonly Endpoint[]; readonly within: number }
  | { readonly do: "traffic" }
  | { readonly do: "status" }
  | { readonly do: "certificates" };

export type RetireeAnswer = null | Drained | TrafficByRoute | WorkerStatus;

/** From a worker to the holder. */
export type WorkerMessage =
  /** It takes connections by the table on disk. */
  | { readonly kind: "serving" }
  /** It takes no more connections and writes no more tables. */
  | { readonly kind: "stepped-down" }
  /** It answers on the control socket. */
  | { readonly kind: "leading" }
  /** The first word to the holder that it has started itself, because its own has died. */
  | { readonly kind: "orphan"; readonly since: string; readonly leading: boolean }
  | { readonly kind: "cannot-serve"; readonly code: string; readonly message: string }
  | { readonly kind: "upgrade"; readonly settings: ChangedSettings }
  | { readonly kind: "shutdown" }
  /** What it counted, kept for the next worker in case this one dies. */
  | { readonly kind: "traffic"; readonly traffic: TrafficByRoute }
  /** The requests it let through of clients whose rate is limited, for the others to count too. */
  | { readonly kind: "taken"; readonly taken: Taken }
  | { readonly kind: "ask-retirees"; readonly id: number; readonly request: RetireeRequest }
  | { readonly kind: "retiree-answer"; readonly id: number; readonly answer: RetireeAnswer };

/** From the holder to a worker. */
export type HolderMessage =
  /** It holds the sockets of an orphan from now on. */
  | { readonly kind: "adopted" }
  | { readonly kind: "lead"; readonly bequests: readonly TrafficByRoute[]; readonly since: string }
  /** It carries traffic beside the leader, by the leader's table. */
  | { readonly kind: "follow" }
  | { readonly kind: "step-down" }
  | { readonly kind: "upgraded"; readonly pid: number }
  | { readonly kind: "not-upgraded"; readonly message: string }
  | { readonly kind: "stop" }
  | { readonly kind: "bequest"; readonly traffic: TrafficByRoute }
  /** By another worker of this router. */
  | { readonly kind: "taken"; readonly taken: Taken }
  | { readonly kind: "asked"; readonly id: number; readonly request: RetireeRequest }
  | { readonly kind: "retiree-answers"; readonly id: number; readonly answers: readonly RetireeAnswer[] };

/** Where a worker finds the sockets that it inherits. */
export const inherited = { public: 3, internal: 4, control: 5, tls: 6 } as const;
