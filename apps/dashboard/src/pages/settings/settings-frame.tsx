import { Link, Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Suspense } from "react";
import { Loading } from "../../components/answered.tsx";
import "./settings.css";

const parts = [
  { to: "/settings/people", label: "People" },
  { to: "/settings/tokens", label: "Tokens" },
  { to: "/settings/secrets", label: "Secrets" },
  { to: "/settings/notices", label: "Notices" },
  { to: "/settings/account", label: "Your account" },
] as const;

/** The parts of the settings, side by side, around the one that is open. */
export function SettingsFrame(): ReactElement {
  return (
    <div className="settings">
      <nav aria-label="Settings" className="segments">
        {parts.map(({ to, label }) => (
          <Link key={to} to={to}>
            {label}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<Loading rows={6} />}>
        <Outlet />
      </Suspense>
    </div>
  );
}
