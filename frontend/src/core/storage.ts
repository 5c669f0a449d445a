// What this browser remembers. Storage may be full or forbidden: then nothing is remembered, and nothing breaks.

const PREFIX = 'helix:'

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // Private windows and full quotas refuse; what is lost is a convenience.
  }
}

export function recall(key: string): unknown {
  try {
    const value = localStorage.getItem(PREFIX + key)
    return value === null ? null : (JSON.parse(value) as unknown)
  } catch {
    return null
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key)
  } catch {
    // As above.
  }
}
