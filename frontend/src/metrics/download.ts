// Hands a file to the browser's downloads.

export function download(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

/** A name that every file system takes: census-metrics.csv. */
export const fileName = (workflow: string, what: string, ending: string): string =>
  `${[workflow, what].map((part) => part.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')).join('-')}.${ending}`
