import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { EmptyNote } from "../components/answered.tsx";
import { Page } from "../components/page.tsx";

/** For an address that leads nowhere. */
export function NothingHere(): ReactElement {
  return (
    <Page title="Nothing here">
      <EmptyNote title="This address leads nowhere.">
        <p>
          It may have been of something that is gone. <Link to="/">See what runs where</Link>
        </p>
      </EmptyNote>
    </Page>
  );
}
