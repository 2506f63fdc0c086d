import type { ReactElement, ReactNode } from "react";
import type { IconName } from "./icons.tsx";
import { Icon } from "./icons.tsx";

interface Told {
  readonly tone: "good" | "waiting" | "failed";
  readonly icon?: IconName;
  readonly children?: ReactNode;
}

/** Something to see before the rest, with what there is to say of it. */
export function Note({ tone, icon = "bang", title, children }: Told & { readonly title?: ReactNode }): ReactElement {
  return (
    <div className="note" data-tone={tone}>
      <Icon name={icon} />
      <div>
        {title === undefined ? null : <p className="note-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** The same in one sentence. */
export function NoteLine({ tone, icon = "bang", children }: Told): ReactElement {
  return (
    <p className="note" data-tone={tone}>
      <Icon name={icon} />
      <span>{children}</span>
    </p>
  );
}
