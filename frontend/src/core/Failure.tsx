// Pages for what went wrong: an address that is nothing, a request that failed, a defect of the application itself.

import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { isRouteErrorResponse, Link, useRouteError } from 'react-router'
import { isApiError, messageOf } from './api'
import { useTitle } from './title'
import styles from './Failure.module.css'

interface Props {
  title: string
  children: ReactNode
  action?: ReactNode
}

export function Failure({ title, children, action }: Props) {
  return (
    <main className={styles.page}>
      <h1 className={styles.title}>{title}</h1>
      <div className={styles.body}>{children}</div>
      <div className={styles.actions}>
        {action}
        <Button component={Link} to="/" variant="default">
          All workflows
        </Button>
      </div>
    </main>
  )
}

const reload = (): void => location.reload()

export function NotFound({ what = 'page' }: { what?: string }) {
  useTitle('Not found')
  return (
    <Failure title={`There is no such ${what}`}>
      <p>
        Nothing stands at <code>{location.pathname}</code>. It may have been deleted, or the address may be mistyped.
      </p>
    </Failure>
  )
}

/** A request that failed: what the server said, what to do, and a button that tries again. */
export function RequestFailed({ error, retry, what }: { error: unknown; retry: () => void; what: string }) {
  if (isApiError(error) && error.status === 404) return <NotFound what={what} />
  return (
    <Failure title={`The ${what} could not be loaded`} action={<Button onClick={retry}>Try again</Button>}>
      <p>{messageOf(error)}</p>
      {isApiError(error) && error.hint && <p>{error.hint}</p>}
    </Failure>
  )
}

/** What a route that threw shows. */
export function RouteFailed() {
  const error = useRouteError()
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />
  return <Defect error={error} />
}

function Defect({ error }: { error: unknown }) {
  return (
    <Failure title="Something broke on this page" action={<Button onClick={reload}>Reload</Button>}>
      <p>
        This is a defect of HelixWeb. Your text is safe: it is saved on the server, and unsaved edits are kept in this
        browser.
      </p>
      <pre className={styles.detail}>{messageOf(error)}</pre>
    </Failure>
  )
}

/** Keeps a defect in one pane from taking the whole page along. */
export class Boundary extends Component<{ what: string; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return (
      <div className={styles.pane} role="alert">
        <p>
          The {this.props.what} broke: {messageOf(this.state.error)}
        </p>
        <Button variant="default" onClick={() => this.setState({ error: null })}>
          Show it again
        </Button>
      </div>
    )
  }
}
