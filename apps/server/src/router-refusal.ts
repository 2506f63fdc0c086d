import { FairwayError, codeOf, messageOf } from "@fairway/core";

const flags = "--router-port, --internal-port and --tls-port";

/**
 * What kept the router from starting, with what to do about it in the words of `fairway up`, which the router does not know.
 */
export function routerRefusal(thrown: unknown): unknown {
  switch (codeOf(thrown)) {
    case "port_in_use":
      return new FairwayError("port_in_use", messageOf(thrown), {
        hint: `end that process, or give other ports with ${flags}`,
        cause: thrown,
      });
    case "not_allowed_now":
      return new FairwayError("not_allowed_now", messageOf(thrown), {
        hint: `give the ports it has with ${flags}; to change them, end everything then: fairway down`,
        cause: thrown,
      });
    default:
      return thrown;
  }
}
