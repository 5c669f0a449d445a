// What a drag takes to respond, told in `window.told`; measured from when the pointer was released.
(() => {
  const told = (window.told = { handlers: [], paints: [], charts: [] })
  let began = 0 // when the handlers of a release begin
  let release = null // of the chart that is waited for: since when, and whether it has changed since
  const painted = (work) => requestAnimationFrame(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = work
    channel.port2.postMessage(null)
  })
  addEventListener('pointerup', (event) => {
    began = performance.now()
    if (window.awaited) release = { since: event.timeStamp, card: window.awaited, pending: false, ready: false }
  }, { capture: true })
  addEventListener('pointerup', (event) => {
    told.handlers.push(performance.now() - began)
    painted(() => told.paints.push(performance.now() - event.timeStamp))
  })
  const look = (changes) => {
    for (const { target, attributeName } of release ? changes : []) {
      const card = target.closest(`[data-testid="${release.card}"]`)
      if (!card) continue
      if (attributeName === 'data-status') {
        release.ready = release.pending && card.dataset.status === 'ready'
        release.pending ||= card.dataset.status === 'pending'
      } else if (release.ready && target.dataset.drawn === 'exact') {
        const { since } = release
        release = null
        painted(() => told.charts.push(performance.now() - since))
        return
      }
    }
  }
  const watch = () =>
    new MutationObserver(look).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-status', 'data-drawn'] })
  watch()
})()
