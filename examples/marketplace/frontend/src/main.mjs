import { createApi, readConfig } from "./api.mjs";
import { showBrowse } from "./browse.mjs";
import { readFlags } from "./flags.mjs";
import { followPrices } from "./live.mjs";
import { createOrderDialog } from "./order.mjs";
import { createThing } from "./thing.mjs";

const at = (id) => document.getElementById(id);
const versionText = ({ release, sha }) => `${release} · ${sha.slice(0, 7)}`;

/** Where the market is on its chain, as the release that this page is of left it. */
function showContract({ contracts }) {
  if (!contracts) return;
  const { chain, address } = contracts.market;
  at("market-contract").querySelector("dd").textContent = `${address.slice(0, 8)}… on ${chain}`;
  at("market-contract").title = address;
  at("market-contract").hidden = false;
}

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = false;
}

async function showThings(api, flags) {
  const onOrder = createOrderDialog(api);
  const { listings, categories = [] } = await api.listings(flags.visitor);
  const things = listings.map((listing) => createThing(listing, { api, onOrder, flags }));
  at("things").replaceChildren(...things.map(({ node }) => node));
  showBrowse(at("browse"), { listings, categories, things });
  return new Map(things.map((thing) => [thing.listing.id, thing]));
}

async function start() {
  const config = await readConfig();
  at("page-version").textContent = versionText(config);
  at("environment").textContent = config.environment;
  at("environment").hidden = config.environment === "production";

  showContract(config);
  const api = createApi(config);
  api.version().then(
    (version) => (at("api-version").textContent = versionText(version)),
    () => (at("api-version").textContent = "not reached"),
  );
  const things = await showThings(api, await readFlags(config));
  followPrices({
    liveUrl: config.liveUrl,
    onHello: (hello) => (at("live-version").textContent = versionText(hello)),
    onPrices: (prices) => Object.entries(prices).forEach(([id, cents]) => things.get(id)?.setPrice(cents)),
    onLost: () => (at("live-version").textContent = "not live"),
  });
}

try {
  await start();
} catch (error) {
  at("things").replaceChildren();
  notice(error.message);
} finally {
  at("things").setAttribute("aria-busy", "false");
}
