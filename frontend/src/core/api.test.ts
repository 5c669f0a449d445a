import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answer, api, isApiError, refusalOf } from './api'
import { useConnection } from './connection'

describe('the client, with a server', () => {
  let server: Server
  let baseUrl: string
  let say: RequestListener

  beforeEach(async () => {
    useConnection.setState({ online: true, signedIn: true })
    server = createServer((request, response) => say(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    baseUrl = `http://127.0.0.1:${port}`
  })

  afterEach(() => new Promise((resolve) => server.close(resolve)))

  const says = (status: number, body: string, type = 'application/json') => {
    say = (_, response) => response.writeHead(status, { 'Content-Type': type }).end(body)
  }
  const asked = () => answer(api.GET('/api/templates', { baseUrl }))
  const thrown = async () => asked().then(String, (error: unknown) => error)

  it('gives what was answered', async () => {
    says(200, '[{"name": "blank", "title": "Blank", "description": ""}]')
    expect((await asked())[0]?.title).toBe('Blank')
  })

  it('puts a name into the address so that it stays a name', async () => {
    let address: string | undefined
    say = (request, response) => {
      address = request.url
      response.writeHead(204).end()
    }
    await answer(api.DELETE('/api/workflows/{workflow_id}', { baseUrl, params: { path: { workflow_id: 'a/b?c' } } }))
    expect(address).toBe('/api/workflows/a%2Fb%3Fc')
  })

  it('gives what comes along with a refusal, by its code', async () => {
    says(409, '{"code": "draft-changed", "message": "Changed.", "text": "x", "revision": 3}')
    const error = await thrown()
    expect(refusalOf(error, 'draft-changed')?.revision).toBe(3)
    expect(refusalOf(error, 'run-active')).toBeNull()
  })

  it('shows the message of a code that only a newer server knows', async () => {
    says(418, '{"code": "teapot", "message": "Short and stout."}')
    expect(await thrown()).toMatchObject({ status: 418, message: 'Short and stout.' })
  })

  it('says what answered where that was no refusal', async () => {
    says(502, '<h1>Bad gateway</h1>', 'text/html')
    const error = await thrown()
    expect(error).toMatchObject({ code: 'unknown', refusal: null })
    expect(String(error)).toContain('502 to GET /api/templates')
    expect(useConnection.getState().online).toBe(false)
  })

  it('notices that the session is over', async () => {
    says(401, '{"code": "not-signed-in", "message": "You are not signed in."}')
    await thrown()
    expect(useConnection.getState().signedIn).toBe(false)
  })

  it('says that there is no server', async () => {
    await new Promise((resolve) => server.close(resolve))
    const error = await thrown()
    expect(isApiError(error) && error.unreachable).toBe(true)
    expect(useConnection.getState().online).toBe(false)
  })
})
