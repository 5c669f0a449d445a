// Drawing that may wait: charts for the next frames, a few milliseconds of each; small pictures for when nothing else is to be done.

const BUDGET = 5 // milliseconds of a frame
const PATIENCE = 400 // milliseconds after which pictures do not wait for idle time any more

type Work = () => void

/** Does work one after the other, as long as there is time; what is asked for the same owner again replaces what was. */
class Queue {
  private readonly waiting = new Map<object, Work>()
  private asked = false

  constructor(private readonly ask: (run: (left: () => number) => void) => void) {}

  add(owner: object, work: Work): () => void {
    this.waiting.set(owner, work)
    this.start()
    return () => {
      if (this.waiting.get(owner) === work) this.waiting.delete(owner)
    }
  }

  private start(): void {
    if (this.asked || this.waiting.size === 0) return
    this.asked = true
    this.ask((left) => {
      for (const [owner, work] of this.waiting) {
        this.waiting.delete(owner)
        work()
        if (left() <= 0) break
      }
      this.asked = false
      this.start()
    })
  }
}

const frames = new Queue((run) =>
  requestAnimationFrame(() => {
    const end = performance.now() + BUDGET
    run(() => end - performance.now())
  }),
)

const idle = new Queue((run) => {
  // Safari has none.
  if (typeof requestIdleCallback === 'function')
    requestIdleCallback((deadline) => run(() => deadline.timeRemaining()), { timeout: PATIENCE })
  else setTimeout(() => run(() => 0), BUDGET)
})

/** Draws in one of the next frames. Gives what calls it off. */
export const soon = (owner: object, work: Work): (() => void) => frames.add(owner, work)

/** Draws when there is time. Gives what calls it off. */
export const later = (owner: object, work: Work): (() => void) => idle.add(owner, work)
