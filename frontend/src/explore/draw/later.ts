// Work that may wait for the next frames: a few milliseconds of each, so that no control is held up by pictures.

const BUDGET = 5 // milliseconds of a frame

const waiting = new Map<object, () => void>()
let asked = 0

/** Does the work soon; what was asked for the same owner before, and not done yet, is left out. */
export function later(owner: object, work: () => void): () => void {
  waiting.set(owner, work)
  asked ||= requestAnimationFrame(frame)
  return () => {
    if (waiting.get(owner) === work) waiting.delete(owner)
  }
}

function frame(): void {
  const end = performance.now() + BUDGET
  for (const [owner, work] of waiting) {
    waiting.delete(owner)
    work()
    if (performance.now() > end) break
  }
  asked = waiting.size > 0 ? requestAnimationFrame(frame) : 0
}
