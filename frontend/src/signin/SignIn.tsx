// Exchanges a token for a session: the one in the address's fragment, or one that is pasted.

import { Button, Code, PasswordInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState, type SubmitEvent } from 'react'
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { answer, api, ApiError } from '../core/api'
import { useConnection } from '../core/connection'
import { Logo } from '../core/Header'
import { Icon } from '../core/icons'
import { Prose } from '../core/Prose'
import { useTitle } from '../core/title'
import { destination, tokenIn } from './token'
import styles from './SignIn.module.css'

export default function SignIn() {
  useTitle('Sign in')
  const { signIn, busy, error } = useSignIn()
  const [token, setToken] = useState('')
  const entering = useTokenInAddress(signIn) && error === null

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const pasted = tokenIn(token) ?? token.trim()
    if (pasted) void signIn(pasted)
  }
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <div className={styles.brand}>
          <Logo /> HelixWeb
        </div>
        <h1 className={styles.title}>{entering ? 'Signing in…' : 'Sign in'}</h1>
        {error && (
          <p className={styles.error} role="alert">
            <Icon name="error" />
            <span>
              <Prose text={`${error.message} ${error.hint}`} />
            </span>
          </p>
        )}
        {!entering && (
          <form onSubmit={submit}>
            <p className={styles.help}>
              <Code>make run</Code> printed an address that signs you in, once. Open that one, or paste its token here.{' '}
              <Code>.venv/bin/helixweb token</Code> prints a new one.
            </p>
            <PasswordInput
              label="Token"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
              autoFocus
            />
            <Button type="submit" fullWidth mt="md" size="sm" loading={busy} disabled={token.trim() === ''}>
              Sign in
            </Button>
          </form>
        )}
      </div>
    </main>
  )
}

/** Signs in with the token in the address's fragment, whether it is there at first or comes later. True once there was one. */
function useTokenInAddress(signIn: (token: string) => Promise<void>): boolean {
  const { hash, pathname, search } = useLocation()
  const [found, setFound] = useState(() => tokenIn(hash) !== null)
  const tried = useRef<string | null>(null)
  useEffect(() => {
    const token = tokenIn(location.hash)
    if (token === null || token === tried.current) return
    tried.current = token
    // The token leaves the address at once: it must not stay in the history.
    history.replaceState(history.state, '', pathname + search)
    setFound(true)
    void signIn(token)
  }, [hash, pathname, search, signIn])
  return found
}

function useSignIn() {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const next = destination(params.get('next'))

  const signIn = useCallback(
    async (token: string) => {
      setBusy(true)
      setError(null)
      try {
        await answer(api.POST('/api/session', { body: { token } }))
        queries.clear()
        useConnection.getState().signedInAgain()
        await navigate(next, { replace: true })
      } catch (thrown) {
        setError(thrown instanceof ApiError ? thrown : new ApiError(0, 'unknown', String(thrown), '', null))
      } finally {
        setBusy(false)
      }
    },
    [navigate, next, queries],
  )
  return { signIn, busy, error }
}
