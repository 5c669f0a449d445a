// What this browser remembers, or one tab of it. Storage may be full or forbidden: then nothing is remembered, and nothing breaks.

const PREFIX = 'helix:'

/** "tab": until the tab is closed; it outlives a reload. */
export type Where = 'browser' | 'tab'

const storage = (where: Where): Storage => (where === 'tab' ? sessionStorage : localStorage)

export function remember(key: string, value: unknown, where: Where = 'browser'): void {
  try {
    storage(where).setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // Private windows and full quotas refuse; what is lost is a convenience.
  }
}

export function recall(key: string, where: Where = 'browser'): unknown {
  try {
    const value = storage(where).getItem(PREFIX + key)
    return value === null ? null : (JSON.parse(value) as unknown)
  } catch {
    return null
  }
}

export function forget(key: string, where: Where = 'browser'): void {
  try {
    storage(where).removeItem(PREFIX + key)
  } catch {
    // As above.
  }
}
