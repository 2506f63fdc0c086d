/** Who does something: whom the record names, and whom permissions are asked about. */
export interface Actor {
  /** `system` is Fairway itself: what is due by a schedule, a trigger or the configuration. */
  readonly kind: "person" | "token" | "system";
  /** Never changes and is never given twice; names may change. */
  readonly id: string;
  readonly name: string;
  /** Of a token: the person who made it, who answers for what it does and may not approve it. */
  readonly owner?: { readonly id: string; readonly name: string };
}

/** Fairway itself, when nobody asked for what it does. */
export const systemActor: Actor = { kind: "system", id: "system", name: "fairway" };

/** Whoever sits at the machine of a daemon without a login; the name is what they say it is. */
export const localActor = (name: string): Actor => ({ kind: "person", id: "local", name });

/** An actor as records and messages name it: `dana`, or `ci (token of dana)`. */
export const actorLabel = ({ kind, name, owner }: Actor): string =>
  kind !== "token" ? name : owner === undefined ? `${name} (token)` : `${name} (token of ${owner.name})`;
