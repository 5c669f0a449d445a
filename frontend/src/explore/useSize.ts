// The size of an element, as it is now.

import { useLayoutEffect, useState, type RefObject } from 'react'

export interface Size {
  width: number
  height: number
}

export function useSize(element: RefObject<HTMLElement | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null)
  useLayoutEffect(() => {
    const place = element.current
    if (!place) return
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = place
      setSize((now) => (width === 0 || (now?.width === width && now.height === height) ? now : { width, height }))
    }
    measure() // at once: what is drawn over the element takes keys from its first frame on
    const observer = new ResizeObserver(measure)
    observer.observe(place)
    return () => observer.disconnect()
  }, [element])
  return size
}
