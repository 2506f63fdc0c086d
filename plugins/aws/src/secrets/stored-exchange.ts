import type { StoredExchange } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { SecretRotation } from "./secret-rotation.ts";
import { versionOf } from "./secret-rotation.ts";

/**
 * An exchange that Fairway makes itself in Secrets Manager, by the stages that AWS's own rotations use: AWSPENDING is tried,
 * then it is AWSCURRENT, and the one before AWSPREVIOUS. Where it stands is read off the stages, so that whoever comes back
 * goes on there.
 */
export function storedExchange(rotation: SecretRotation, secret: string, run: string): StoredExchange {
  const version = versionOf(run);

  return {
    async look() {
      const { current, pending, previous } = await rotation.stages();
      if (current === version) return { version, before: previous, stands: "current" };
      return { version, before: current, stands: pending === version ? "put aside" : "not begun" };
    },

    async putAside(value) {
      const { current, pending } = await rotation.stages();
      // AWS leaves AWSPENDING on the current version after some rotations; on any other it is one that is under way.
      if (pending !== null && pending !== version && pending !== current)
        throw new FairwayError("not_allowed_now", `another rotation of ${secret} is under way: ${pending} is pending`, {
          hint: `wait for it; where nobody makes it any more: aws secretsmanager update-secret-version-stage --secret-id ${secret} --version-stage AWSPENDING --remove-from-version-id ${pending}`,
        });
      if (pending !== version) return void (await rotation.putAside(run, value));
      if ((await rotation.value(version)) !== value)
        throw new FairwayError("not_allowed_now", `this exchange of ${secret} has put another value aside already`, {
          hint: "go on with that one, or begin another exchange",
        });
    },

    async newValue() {
      const value = await rotation.value(version);
      if (value !== null) return value;
      throw new FairwayError("not_allowed_now", `somebody took the new version of ${secret} away`, {
        hint: "begin the exchange again",
      });
    },

    async oldValue() {
      const { current, previous } = await rotation.stages();
      const before = current === version ? previous : current;
      return before === null ? null : rotation.value(before);
    },

    makeCurrent: () => rotation.makeCurrent(version),
    takeBack: () => rotation.takeBack(version),
    close: () => rotation.letPendingGo(version),
  };
}
