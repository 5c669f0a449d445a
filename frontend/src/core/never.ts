// Makes a switch over a closed union exhaustive: a variant that is not handled does not compile.

export function never(value: never): never {
  throw new Error(`Not handled: ${JSON.stringify(value)}`)
}
