const euros = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });

export const money = (cents) => euros.format(cents / 100);
