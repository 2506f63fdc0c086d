-- What an order came to, so that nobody multiplies old prices again. Programs of before leave it empty.
alter table orders add column total_cents bigint;
