// How keys are called on this system.

const apple = /Mac|iPhone|iPad/.test(navigator.userAgent)

export const MOD = apple ? '⌘' : 'Ctrl'

/** `keys('K')` is ⌘K or Ctrl+K. */
export const keys = (key: string): string => (apple ? `⌘${key}` : `Ctrl+${key}`)
