// Short notes at the edge of the page, each with an optional way back (Undo).

import { Button, CloseButton } from '@mantine/core'
import { useEffect, useState } from 'react'
import { create } from 'zustand'
import { Icon } from './icons'
import { Prose } from './Prose'
import { durations } from './theme'
import { messageOf } from './api'
import styles from './toasts.module.css'

interface Toast {
  id: number
  text: string
  tone: 'note' | 'error'
  action: { label: string; run: () => void } | null
  /** Called once, when it is no longer shown. */
  gone: () => void
}

interface Toasts {
  toasts: Toast[]
  show: (toast: Omit<Toast, 'id'>) => number
  dismiss: (id: number) => void
}

let last = 0

const MOST = 4
const nothing = () => undefined

const useToasts = create<Toasts>((set, get) => ({
  toasts: [],
  show: (toast) => {
    const id = ++last
    for (const old of get().toasts.slice(0, 1 - MOST)) get().dismiss(old.id)
    set((state) => ({ toasts: [...state.toasts, { ...toast, id }] }))
    return id
  },
  dismiss: (id) => {
    const toast = get().toasts.find((one) => one.id === id)
    set((state) => ({ toasts: state.toasts.filter((one) => one !== toast) }))
    toast?.gone()
  },
}))

/** Shows a note, and gives what takes it away again. `gone` is called when it is no longer shown, however that came. */
export function note(text: string, action: Toast['action'] = null, gone: () => void = nothing): () => void {
  const id = useToasts.getState().show({ text, action, tone: 'note', gone })
  return () => useToasts.getState().dismiss(id)
}

export const complain = (error: unknown): void => {
  useToasts.getState().show({ text: messageOf(error), action: null, tone: 'error', gone: nothing })
}

export function Toasts() {
  const toasts = useToasts((state) => state.toasts)
  return (
    <div className={styles.stack} role="region" aria-label="Notes" aria-live="polite">
      {toasts.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastRow({ toast }: { toast: Toast }) {
  const dismiss = useToasts((state) => state.dismiss)
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => dismiss(toast.id), durations.toast)
    return () => clearTimeout(timer)
  }, [dismiss, toast.id, held])
  return (
    <div
      className={styles.toast}
      data-tone={toast.tone}
      data-testid="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      role={toast.tone === 'error' ? 'alert' : undefined}
    >
      {toast.tone === 'error' && <Icon name="error" label="Error" />}
      <span className={styles.text}>
        <Prose text={toast.text} />
      </span>
      {toast.action && (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            toast.action?.run()
            dismiss(toast.id)
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <CloseButton size="sm" aria-label="Dismiss" onClick={() => dismiss(toast.id)} />
    </div>
  )
}
