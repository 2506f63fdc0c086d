-- fairway: batch 1000 of orders by number
update orders
   set total_cents = unit_price_cents::bigint * quantity
 where number between $1 and $2
   and total_cents is null;
