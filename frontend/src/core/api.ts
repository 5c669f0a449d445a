// The HTTP client: requests typed by the server's own description of its API, one error class, and one place that notices a
// lost session or a lost server.

import createClient, { type Middleware } from 'openapi-fetch'
import { useConnection } from './connection'
import type { paths, Refusal } from './schema'

/** The codes with which the server refuses, and those for what never came from it. */
export type Code = Refusal['code'] | 'unreachable' | 'unknown'

/** The refusal that has a code, with all that comes along. */
type Refused<C> = Refusal extends infer R ? (R extends { code: infer K } ? (C extends K ? R : never) : never) : never

/** What the API (or its absence) said. `message` is a sentence for people. */
export class ApiError extends Error {
  constructor(
    /** 0 where there was no answer. */
    readonly status: number,
    readonly code: Code,
    message: string,
    readonly hint: string,
    /** What the server said; null where it said nothing that is one of its refusals. */
    readonly refusal: Refusal | null,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get unreachable(): boolean {
    return this.code === 'unreachable'
  }
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError

/** What came along with a refusal of the given code; null for any other error. */
export function refusalOf<C extends Refusal['code']>(error: unknown, code: C): Refused<C> | null {
  return isApiError(error) && error.refusal?.code === code ? (error.refusal as Refused<C>) : null
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

/** The sentence to show for whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const watching: Middleware = {
  async onResponse({ request, response }) {
    if (response.ok) {
      useConnection.getState().reached()
      return
    }
    const refusal = await readRefusal(response)
    if (refusal?.code === 'not-signed-in') useConnection.getState().signedOut()
    if (response.status >= 502 && response.status <= 504) useConnection.getState().lost()
    const { pathname } = new URL(request.url)
    throw new ApiError(
      response.status,
      refusal?.code ?? 'unknown',
      refusal?.message ??
        `The server answered ${response.status} to ${request.method} ${pathname}. Try again; if it stays, look at the server's log.`,
      '',
      refusal,
    )
  },
  onError({ error }) {
    if (isAbort(error)) return
    useConnection.getState().lost()
    return new ApiError(
      0,
      'unreachable',
      'The server cannot be reached. Is it still running?',
      'Start it again with `make run`.',
      null,
    )
  },
}

async function readRefusal(response: Response): Promise<Refusal | null> {
  if (!response.headers.get('Content-Type')?.includes('json')) return null
  const answer = (await response.json()) as Partial<Refusal> | null
  // A code of a newer server is none that is handled anywhere, but its message is as good as any.
  return typeof answer?.code === 'string' && typeof answer.message === 'string' ? (answer as Refusal) : null
}

/** Every address with its methods, what they take and what they answer, as the server describes them. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' })
api.use(watching)

/** What a request answered. Throws an ApiError where it was refused, or the server cannot be reached. */
export async function answer<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T
}
