// The HTTP client: typed requests, one error class, and one place that notices a lost session or a lost server.

import { useConnection } from './connection'

const UNREACHABLE = 'unreachable'

/** What the API (or its absence) said. `message` is a sentence for people, `data` the rest of the answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly data: Record<string, unknown>,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get unreachable(): boolean {
    return this.code === UNREACHABLE
  }
}

export const isApiError = (error: unknown, code?: string): error is ApiError =>
  error instanceof ApiError && (code === undefined || error.code === code)

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

/** The sentence to show for whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(method, path, body, signal)
  const answer = await readJson(response)
  if (response.ok) {
    useConnection.getState().reached()
    return answer as T
  }
  const data = isRecord(answer) ? answer : {}
  if (response.status === 401 && text(data.code) === 'not-signed-in') useConnection.getState().signedOut()
  if (response.status >= 502 && response.status <= 504) useConnection.getState().lost()
  throw new ApiError(
    response.status,
    text(data.code) || `http-${response.status}`,
    text(data.message) ||
      `The server answered ${response.status} to ${method} ${path}. Try again; if it stays, look at the server's log.`,
    text(data.hint),
    isRecord(data.data) ? { ...data, ...data.data } : data,
  )
}

async function send(method: Method, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      headers:
        body === undefined
          ? { Accept: 'application/json' }
          : { Accept: 'application/json', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (isAbort(error)) throw error
    useConnection.getState().lost()
    throw new ApiError(
      0,
      UNREACHABLE,
      'The server cannot be reached. Is it still running?',
      'Start it again with `make run`.',
      {},
    )
  }
}

async function readJson(response: Response): Promise<unknown> {
  if (response.status === 204 || !response.headers.get('Content-Type')?.includes('json')) return null
  return response.json()
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => request<T>('GET', path, undefined, signal),
  post: <T>(path: string, body: unknown = {}, signal?: AbortSignal) => request<T>('POST', path, body, signal),
  put: <T>(path: string, body: unknown, signal?: AbortSignal) => request<T>('PUT', path, body, signal),
  patch: <T>(path: string, body: unknown) => request<T>('PATCH', path, body),
  delete: <T>(path: string) => request<T>('DELETE', path),
}
