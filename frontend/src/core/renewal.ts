// A page that was opened before HelixWeb was updated asks for files that are gone: it reloads itself, once.

const KEY = 'helix:reloaded-at'
const AGAIN_AFTER = 60_000

export function reloadWhenOutdated(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0)
    // A file that is still missing after a reload is a defect to be shown, not a reason to reload for ever.
    if (Date.now() - last < AGAIN_AFTER) return
    event.preventDefault()
    sessionStorage.setItem(KEY, String(Date.now()))
    location.reload()
  })
}
