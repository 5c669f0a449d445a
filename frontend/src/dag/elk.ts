// ELK in its web worker: started when the first graph is laid out, never on the page's own thread.

import ELK, { type ElkNode } from 'elkjs/lib/elk-api'
import workerAddress from 'elkjs/lib/elk-worker.min.js?url'
import { Layouts } from './layout'

let elk: InstanceType<typeof ELK> | null = null

function engine(input: ElkNode): Promise<ElkNode> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerAddress) })
  return elk.layout(input)
}

export const layouts = new Layouts(engine)
