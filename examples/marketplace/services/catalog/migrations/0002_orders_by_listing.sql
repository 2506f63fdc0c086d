-- fairway: no-transaction
-- fairway-ignore: concurrent-index-if-not-exists, before there was this folder the catalog made this index itself
create index concurrently if not exists orders_by_listing on orders (listing_id, placed_at);
