// Data that the workflow names and that are not there: fetched where they are a known set, else told where they were looked for.

import { Button, Progress } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api, messageOf } from '../core/api'
import { bytes } from '../core/format'
import { Icon } from '../core/icons'
import { Prose } from '../core/Prose'
import { keysOf } from '../core/queries'
import { socket } from '../core/socket'
import { durations } from '../core/theme'
import type { Dataset, MissingFile } from '../core/types'
import { useIde } from '../ide/store'
import styles from './MissingData.module.css'

const nothing: MissingFile[] = []

export function MissingData() {
  const missing = useIde((ide) => ide.check?.missing ?? nothing)
  if (missing.length === 0) return null
  const sets = new Map(missing.flatMap(({ dataset }) => (dataset ? [[dataset.name, dataset]] : [])))
  const files = missing.filter((file) => !file.dataset)
  return (
    <div className={styles.banners} data-testid="missing">
      {[...sets.values()].map((set) => (
        <FetchBanner
          key={set.name}
          set={set}
          paths={missing.filter((file) => file.dataset?.name === set.name).map((file) => file.path)}
        />
      ))}
      {files.length > 0 && <FilesBanner files={files} />}
    </div>
  )
}

function FetchBanner({ set, paths }: { set: NonNullable<MissingFile['dataset']>; paths: string[] }) {
  const { dataset, fetch, error } = useFetch(set.name)
  const fetching = dataset?.status === 'fetching'
  const failure = error ? messageOf(error) : dataset?.status === 'failed' ? dataset.message : null
  return (
    <div className={styles.banner} role="status">
      <Icon name={failure === null ? 'down' : 'error'} />
      <span className={styles.text}>
        {failure === null ? (
          <>
            {fetching ? `Fetching ` : 'The data set '}
            <b>{set.title}</b>
            {fetching ? `: ${Math.round(100 * (dataset.progress ?? 0))} %` : ` is not here yet (${paths.join(', ')}).`}
          </>
        ) : (
          <>
            <b>{set.title}</b>: <Prose text={failure} />
          </>
        )}
      </span>
      {fetching ? (
        <Progress
          className={styles.progress ?? ''}
          value={100 * (dataset.progress ?? 0)}
          aria-label={`Fetching ${set.title}`}
          transitionDuration={durations.motion}
        />
      ) : (
        <Button onClick={fetch} data-testid="fetch">
          {failure === null ? `Fetch (${bytes(set.bytes)})` : 'Try again'}
        </Button>
      )}
    </div>
  )
}

function FilesBanner({ files }: { files: MissingFile[] }) {
  const editor = useIde((ide) => ide.editor)
  const dag = useIde((ide) => ide.dag)
  const first = files[0]
  const line = dag?.nodes.find((node) => node.name === first?.node)?.line
  return (
    <div className={styles.banner} role="status">
      <Icon name="warning" />
      <span className={styles.text}>
        {files.map((file) => (
          <span key={`${file.node}:${file.split}`} className={styles.file}>
            <Prose text={file.message} />
          </span>
        ))}
      </span>
      {line !== undefined && (
        <Button variant="default" onClick={() => editor?.reveal(line)}>
          Show line {line}
        </Button>
      )}
    </div>
  )
}

/** Fetching of a data set: progress comes over the socket, and by asking while there is none. */
function useFetch(name: string) {
  const queries = useQueryClient()
  const recheck = useIde((ide) => ide.recheck)
  const { data: dataset } = useQuery({
    queryKey: keysOf.datasets,
    queryFn: ({ signal }) => answer(api.GET('/api/datasets', { signal })),
    select: (sets) => sets.find((set) => set.name === name),
    refetchInterval: (query) => (query.state.data?.some((set) => set.status === 'fetching') ? durations.poll : false),
  })
  useEffect(
    () =>
      socket.listen((message) => {
        if (message.type !== 'dataset') return
        queries.setQueryData<Dataset[]>(keysOf.datasets, (sets) =>
          sets?.map((set) => (set.name === message.dataset.name ? message.dataset : set)),
        )
      }),
    [queries],
  )
  const present = dataset?.status === 'present'
  useEffect(() => {
    if (present) recheck()
  }, [present, recheck])
  const { mutate, error } = useMutation({
    mutationFn: () => answer(api.POST('/api/datasets/{name}/fetch', { params: { path: { name } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysOf.datasets }),
  })
  return { dataset, fetch: () => mutate(), error }
}
