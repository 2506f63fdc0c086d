import { Problem } from "../../shared/problem.mjs";

const refuse = (message) => {
  throw new Problem(422, "bad_order", message);
};

/** Checks what a buyer sent and returns it as an order to place. */
export function readOrder(body, idempotencyKey) {
  const { listingId, quantity = 1, buyer } = body;
  if (typeof listingId !== "string" || !/^[a-z0-9-]{1,64}$/.test(listingId)) refuse("listingId must name a listing.");
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 10)
    refuse("quantity must be a whole number from 1 to 10.");
  if (typeof buyer !== "string" || buyer.trim() === "" || buyer.length > 80)
    refuse("buyer must be a name of up to 80 characters.");
  if (typeof idempotencyKey !== "string" || !/^[\w-]{8,128}$/.test(idempotencyKey)) {
    throw new Problem(
      400,
      "idempotency_key_missing",
      "An Idempotency-Key header of 8 to 128 characters is needed to place an order.",
    );
  }
  return { listingId, quantity, buyer: buyer.trim(), idempotencyKey };
}

/** Whether a second order under one key asks for the same thing as the first. */
export const isRepeatOf = (order, wanted) =>
  order.listingId === wanted.listingId && order.quantity === wanted.quantity && order.buyer === wanted.buyer;
