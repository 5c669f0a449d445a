// The current time as state, for ages and running clocks.

import { useEffect, useState } from 'react'

/** Milliseconds since the epoch, renewed every `every` milliseconds; stands still while `every` is null. */
export function useNow(every: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (every === null) return
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

export const MINUTE = 60_000
