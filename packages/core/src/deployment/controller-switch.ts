/** What a person decides about another deployment controller. */
export interface ControllerWish {
  /** With what role the platform changes its load balancer; null where nobody said. */
  readonly role: string | null;
  /** Whether functions that the old controller calls may go. */
  readonly withoutHooks: boolean;
}

/** What another deployment controller would change, in sentences, or why it cannot be had. */
export interface ControllerPlan {
  /** Of what there is and what is wanted: a plan that was shown is carried out, or none. */
  readonly digest: string;
  /** Empty where it can be made. */
  readonly refusals: readonly string[];
  readonly changes: readonly string[];
  /** What a person does afterwards, and what brings the old controller back. */
  readonly after: readonly string[];
  readonly back: readonly string[];
}

/** A switch from one deployment controller to another: planned, and made exactly as it was shown. */
export interface ControllerSwitch {
  /** Changes nothing. */
  plan(wish: ControllerWish): Promise<ControllerPlan>;
  /** Safe to repeat until it is made. Throws `not_allowed_now` where it is not what was shown, and what `mayStill` throws. */
  change(wish: ControllerWish, digest: string, mayStill?: () => Promise<void>): Promise<void>;
}
