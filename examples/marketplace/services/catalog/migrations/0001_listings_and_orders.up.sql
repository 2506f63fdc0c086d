-- "If not exists": before there was this folder, the catalog made its tables itself.
create table if not exists listings (
  id text primary key,
  position integer not null,
  title text not null,
  maker text not null,
  place text not null,
  category text not null,
  description text not null,
  price_cents integer not null check (price_cents > 0),
  lead_days integer not null check (lead_days > 0)
);

create table if not exists orders (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  idempotency_key text not null unique,
  listing_id text not null references listings (id),
  quantity integer not null check (quantity between 1 and 10),
  buyer text not null,
  unit_price_cents integer not null,
  release text not null,
  placed_at timestamptz not null default now()
);
