/** Prices as they come. A server that goes away (1001, 1012) is left for another at once, a lost one after a pause. */
export function followPrices({ liveUrl, onHello, onPrices, onLost }) {
  const url = new URL(liveUrl, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let pause = 500;

  function connect() {
    const socket = new WebSocket(url);
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "hello") {
        pause = 500;
        onHello(message);
      }
      if (message.type === "prices") onPrices(message.prices);
    });
    socket.addEventListener("close", ({ code }) => {
      onLost();
      const soon = code === 1001 || code === 1012;
      setTimeout(connect, soon ? 50 + Math.random() * 200 : pause + Math.random() * pause);
      pause = Math.min(pause * 2, 15_000);
    });
  }
  connect();
}
