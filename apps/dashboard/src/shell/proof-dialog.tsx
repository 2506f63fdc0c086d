import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { asked } from "../api/answers.ts";
import { client } from "../api/client.ts";
import { proofIsAskedBy } from "../api/proof.ts";
import { Confirm } from "../components/confirm.tsx";

/** Asks for the password again, when something wants a fresh proof of who asks. */
export function ProofDialog(): ReactElement | null {
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const tell = useRef<(proven: boolean) => void>(() => undefined);
  const proven = useRef(false);
  const ways = useQuery({ ...asked("loginWays", {}), enabled: open });
  useEffect(
    () =>
      proofIsAskedBy(
        () =>
          new Promise((resolve) => {
            proven.current = false;
            tell.current = resolve;
            setOpen(true);
          }),
      ),
    [],
  );
  if (!open) return null;
  return (
    <Confirm
      title="Is it still you?"
      verb="Confirm"
      ready={password !== ""}
      act={async () => {
        await client.call("proveAgain", { password });
        proven.current = true;
      }}
      onClose={() => {
        setOpen(false);
        setPassword("");
        tell.current(proven.current);
      }}
    >
      <p>This needs your password again, because some time has passed since you logged in.</p>
      <label className="field">
        Password
        <input
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
      </label>
      {ways.data?.identityProvider === true ? (
        <p className="muted">
          Without a password here, <a href="./auth/oidc/start?again=1">show your identity provider again who you are</a>
          , then come back to this page.
        </p>
      ) : null}
    </Confirm>
  );
}
