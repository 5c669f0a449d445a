// The document's title says which page this is.

import { useEffect } from 'react'

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · HelixWeb`
  }, [title])
}
