// Gathers what comes in quick succession: the first is handed on at once, what follows within a moment together.

export interface Batch<T> {
  add: (items: readonly T[]) => void
  stop: () => void
}

export function batched<T>(pause: number, handle: (items: readonly T[]) => void): Batch<T> {
  let waiting: T[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    if (waiting.length === 0) return
    const items = waiting
    waiting = []
    timer = setTimeout(flush, pause)
    handle(items)
  }
  return {
    add: (items) => {
      waiting.push(...items)
      if (timer === undefined) flush()
    },
    stop: () => {
      clearTimeout(timer)
      waiting = []
    },
  }
}
