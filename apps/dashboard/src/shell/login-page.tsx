import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { asked } from "../api/answers.ts";
import { client } from "../api/client.ts";
import { ProblemNote } from "../components/answered.tsx";

/**
 * Begins a session, or makes the first administrator. The address stays, so that whoever logs in is where they wanted to be.
 */
export function LoginPage(): ReactElement {
  const queries = useQueryClient();
  const ways = useQuery(asked("loginWays", {}));
  const [chosen, setChosen] = useState<boolean | null>(null);
  const first = chosen ?? ways.data?.firstAdministrator === true;
  const [busy, setBusy] = useState(false);
  const [thrown, setThrown] = useState<unknown>(null);
  useEffect(() => {
    document.title = "Log in · Fairway";
  }, []);
  async function submit(form: FormData): Promise<void> {
    const [name, password, code] = ["name", "password", "code"].map((field) => {
      const value = form.get(field);
      return typeof value === "string" ? value : "";
    });
    setBusy(true);
    setThrown(null);
    try {
      if (first)
        await client.call("setUp", { name: name ?? "", password: password ?? "", code: code ?? "", as: "cookie" });
      else await client.call("login", { name: name ?? "", password: password ?? "", as: "cookie" });
      await queries.resetQueries();
    } catch (failure) {
      setThrown(failure);
    } finally {
      setBusy(false);
    }
  }
  return (
    <main className="lone" id="main">
      <form
        className="card stack login"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <h1>{first ? "The first administrator" : "Log in to Fairway"}</h1>
        {first ? (
          <label className="field">
            Code
            <input name="code" required autoComplete="off" />
            <span className="muted">The daemon told it where it was started.</span>
          </label>
        ) : null}
        <label className="field">
          Name
          <input name="name" required autoComplete="username" autoCapitalize="none" spellCheck={false} />
        </label>
        <label className="field">
          Password
          <input name="password" type="password" required autoComplete={first ? "new-password" : "current-password"} />
        </label>
        {thrown === null ? null : <ProblemNote thrown={thrown} />}
        <button type="submit" className="button button-main" disabled={busy}>
          {busy ? "Working …" : first ? "Make the administrator" : "Log in"}
        </button>
        <p className="login-more muted">
          {ways.data?.identityProvider === true ? <a href="./auth/oidc/start">Use your identity provider</a> : null}
          <button type="button" className="link-button" onClick={() => setChosen(!first)}>
            {first ? "Log in instead" : "First time here?"}
          </button>
        </p>
      </form>
    </main>
  );
}
