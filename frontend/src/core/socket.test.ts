import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer, type WebSocket as Connection } from 'ws'
import { useNewer } from './newer'
import { pauseBefore, Socket } from './socket'

it('pauses before connecting again: longer each time, and never above twelve seconds', () => {
  expect(pauseBefore(0, 0.5)).toBe(300)
  expect(pauseBefore(3, 0.5)).toBe(2400)
  for (let attempt = 0; attempt < 60; attempt += 1) expect(pauseBefore(attempt, 1)).toBeLessThan(12_000)
})

describe('the socket, with a server', () => {
  let server: WebSocketServer
  let socket: Socket
  let refused: () => void
  let connections: Connection[]
  let heard: unknown[]

  beforeEach(async () => {
    connections = []
    heard = []
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', (connection) => {
      connections.push(connection)
      connection.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())))
    })
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    refused = vi.fn()
    socket = new Socket(() => `ws://127.0.0.1:${port}/ws`, refused)
    socket.start()
  })

  afterEach(async () => {
    socket.stop()
    for (const connection of server.clients) connection.terminate()
    await new Promise((resolve) => server.close(resolve))
  })

  const connected = (times: number) => vi.waitFor(() => expect(connections).toHaveLength(times), { timeout: 10_000 })
  const eventually = (what: () => void) => vi.waitFor(what, { timeout: 10_000 })

  it('asks after the last number seen, again at each new connection, and says that it is back', async () => {
    const back = vi.fn()
    socket.onReconnect(back)
    let last = 0
    socket.follow('r1', () => last)
    await eventually(() => expect(heard).toEqual([{ type: 'subscribe', run: 'r1', after: 0 }]))
    expect(back).not.toHaveBeenCalled()

    last = 7
    connections[0]?.terminate()
    await connected(2)
    await eventually(() => expect(heard[1]).toEqual({ type: 'subscribe', run: 'r1', after: 7 }))
    expect(back).toHaveBeenCalledOnce()
    expect(refused).not.toHaveBeenCalled()
  })

  it('hands on what the server says, to those who listen', async () => {
    const listener = vi.fn()
    const stop = socket.listen(listener)
    await connected(1)
    connections[0]?.send(JSON.stringify({ type: 'workflow_changed', workflow: 'w1' }))
    await eventually(() => expect(listener).toHaveBeenCalledWith({ type: 'workflow_changed', workflow: 'w1' }))
    stop()
  })

  it('passes over what only a newer server says, and notices that it does', async () => {
    useNewer.setState({ noticed: false })
    const listener = vi.fn()
    socket.listen(listener)
    await connected(1)
    connections[0]?.send(JSON.stringify({ type: 'weather', sunny: true }))
    await eventually(() => expect(useNewer.getState().noticed).toBe(true))
    expect(listener).not.toHaveBeenCalled()
  })

  it('tells which dashboard is shown, from what is known of it, again when another snapshot is looked at, and when it is left', async () => {
    const showing = { after: 4, lookedAt: '' }
    const leave = socket.show('d1', () => showing)
    await eventually(() => expect(heard).toEqual([{ type: 'show', dashboard: 'd1', after: 4, looked_at: '' }]))
    showing.after = 9
    showing.lookedAt = 's2'
    socket.look('d1')
    await eventually(() => expect(heard[1]).toEqual({ type: 'show', dashboard: 'd1', after: 9, looked_at: 's2' }))
    connections[0]?.terminate()
    await eventually(() => expect(heard[2]).toEqual(heard[1]))
    leave()
    await eventually(() => expect(heard[3]).toEqual({ type: 'leave', dashboard: 'd1' }))
  })

  it('no longer follows a run that is left', async () => {
    const leave = socket.follow('r1', () => 3)
    await eventually(() => expect(heard).toHaveLength(1))
    leave()
    await eventually(() => expect(heard[1]).toEqual({ type: 'unsubscribe', run: 'r1' }))
  })
})

it('asks why when it was refused', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: () => false })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const refused = vi.fn()
  const socket = new Socket(() => `ws://127.0.0.1:${port}/ws`, refused)
  socket.start()
  await vi.waitFor(() => expect(refused).toHaveBeenCalled(), { timeout: 10_000 })
  socket.stop()
  await new Promise((resolve) => server.close(resolve))
})
