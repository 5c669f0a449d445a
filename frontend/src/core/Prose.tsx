// A sentence of the server's, with what stands in `backticks` set as code.

export interface Piece {
  text: string
  code: boolean
}

export const pieces = (sentence: string): Piece[] =>
  sentence
    .split(/`([^`]+)`/)
    .map((text, at) => ({ text, code: at % 2 === 1 }))
    .filter(({ text }) => text !== '')

/** The sentence without its marks, where only text can stand. */
export const plain = (sentence: string): string => sentence.replaceAll('`', '')

export function Prose({ text }: { text: string }) {
  return pieces(text).map((piece, at) =>
    piece.code ? <code key={at}>{piece.text}</code> : <span key={at}>{piece.text}</span>,
  )
}

/** The same as DOM nodes, for CodeMirror's tooltips. */
export function proseNodes(sentence: string): Node[] {
  return pieces(sentence).map(({ text, code }) => {
    if (!code) return document.createTextNode(text)
    const element = document.createElement('code')
    element.textContent = text
    return element
  })
}
