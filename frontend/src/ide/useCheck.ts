// Checks the text on the server as one types: after a short pause, one request at a time, the stale one aborted.

import { useEffect } from 'react'
import { answer, api, isAbort, messageOf } from '../core/api'
import { socket } from '../core/socket'
import { durations } from '../core/theme'
import { useIdeStore } from './store'

export function useCheck(): void {
  const store = useIdeStore()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let request = new AbortController()

    const check = async () => {
      request.abort()
      request = new AbortController()
      const { id, draft, setCheck, failCheck } = store.getState()
      try {
        const asked = { params: { path: { workflow_id: id } }, body: { text: draft.text }, signal: request.signal }
        setCheck(draft.text, await answer(api.POST('/api/workflows/{workflow_id}/check', asked)))
      } catch (error) {
        if (isAbort(error)) return
        failCheck(messageOf(error))
        schedule(durations.retry)
      }
    }
    const schedule = (pause: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => void check(), pause)
    }

    void check()
    const stop = store.subscribe((state, before) => {
      if (state.draft.text !== before.draft.text) schedule(durations.check)
      else if (state.checkAgain !== before.checkAgain) schedule(0)
    })
    // Data may have been put in place, or changed, while the person was elsewhere.
    const look = () => schedule(0)
    window.addEventListener('focus', look)
    const stopListening = socket.listen((message) => {
      if (message.type === 'plan_changed' && message.workflow === store.getState().id) look()
    })
    return () => {
      stopListening()
      window.removeEventListener('focus', look)
      stop()
      clearTimeout(timer)
      request.abort()
    }
  }, [store])
}
