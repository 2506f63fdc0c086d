import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { asked } from "../api/answers.ts";
import { Answered } from "./answered.tsx";
import { NoEnvironments } from "./nothing-yet.tsx";
import { Page } from "./page.tsx";

/** A page about one environment at a time: the one that the link names, else the first there is. */
export function PageOfEnvironment({
  title,
  to,
  chosen,
  command,
  children,
}: {
  readonly title: string;
  /** Its own address, for the links between environments. */
  readonly to: "/flags" | "/migrations" | "/readiness";
  readonly chosen: string | undefined;
  readonly command: (environment: string) => string;
  readonly children: (environment: string) => ReactNode;
}): ReactElement {
  const status = useQuery(asked("status", {}));
  const places = (status.data?.environments ?? []).map(({ name }) => name);
  const environment = chosen ?? places[0];
  return (
    <Page
      title={title}
      {...(environment === undefined ? {} : { command: command(environment) })}
      actions={
        <nav aria-label="Environment" className="segments">
          {places.map((name) => (
            <Link
              key={name}
              to={to}
              search={{ environment: name }}
              aria-current={name === environment ? "page" : undefined}
            >
              {name}
            </Link>
          ))}
        </nav>
      }
    >
      <Answered question={status}>
        {() => (environment === undefined ? <NoEnvironments /> : children(environment))}
      </Answered>
    </Page>
  );
}
