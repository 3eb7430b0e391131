// A `fetch` for DefaultChatTransport with which `stop()` of useChat stops the reply itself, for all tabs. Without it `stop()` only stops watching.
// It takes every `stop()` at its word, so make the Chat outside of components, `useChat({ chat })`: a component that makes its own stops it when it goes.
export function stopping({ api = "/api/chat", headers } = {}) {
  let newest = 0
  return (url, init) => {
    const mine = ++newest
    const id = init.method === "POST" ? JSON.parse(init.body).id : decodeURIComponent(url.match(/([^/]+)\/stream/)[1])
    init.signal?.addEventListener("abort", () =>
      // A request that another one takes the place of is aborted, too; that is no stop.
      setTimeout(() => mine === newest && fetch(`${api}/${id}/stop`, { method: "POST", headers, keepalive: true }), 50),
    )
    return fetch(url, init)
  }
}
