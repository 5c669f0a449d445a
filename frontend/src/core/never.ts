// Makes a switch over a union of our own exhaustive: a variant that is not handled does not compile. What a server says may be
// newer than this page: see newer.ts.

export function never(value: never): never {
  throw new Error(`Not handled: ${JSON.stringify(value)}`)
}
