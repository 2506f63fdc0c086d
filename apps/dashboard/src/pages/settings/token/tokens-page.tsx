import type { ReactElement } from "react";
import { useState } from "react";
import { useWho } from "../../../api/who.ts";
import { ActionButton } from "../../../components/action-button.tsx";
import { Page } from "../../../components/page.tsx";
import { NewTokenDialog } from "./new-token-dialog.tsx";
import { Tokens } from "./tokens.tsx";

/** Every token that may act without its person: what it may do, when it was last used, when it ends. */
export function TokensPage(): ReactElement {
  const { singleUser } = useWho();
  const [makes, setMakes] = useState(false);
  return (
    <Page
      title="Tokens"
      command="fairway tokens list"
      lead="What programs show to act for somebody. None is ever shown again."
      actions={
        <ActionButton
          tone="main"
          possible={
            singleUser
              ? { possible: false, reason: "nobody logs in here, so a program needs no token" }
              : { possible: true }
          }
          onPress={() => setMakes(true)}
        >
          Make a token
        </ActionButton>
      }
    >
      <Tokens />
      {makes ? <NewTokenDialog onClose={() => setMakes(false)} /> : null}
    </Page>
  );
}
