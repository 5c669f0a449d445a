// Starts the application: theme, queries, and a page for each address.

import './core/styles'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, RouterProvider, type LoaderFunctionArgs } from 'react-router'
import { NotFound, RouteFailed } from './core/Failure'
import { queryClient } from './core/queries'
import { reloadWhenOutdated } from './core/renewal'
import { Root, SignedIn } from './core/Root'
import { cssVariables, theme } from './core/theme'
import { trendsQuery } from './metrics/queries'
import { outlineQuery } from './versions/queries'

const page = (load: () => Promise<{ default: React.ComponentType }>) => async () => ({
  Component: (await load()).default,
})

/** Has a page's answer asked for while its code is fetched; the page itself asks for it too, and says what fails. */
const ahead = (ask: (workflow: string) => Promise<unknown>) => ({
  loader: ({ params }: LoaderFunctionArgs) => {
    void ask(params.id ?? '').catch(() => undefined)
    return null
  },
  shouldRevalidate: () => false, // where the search alone changes
})

const router = createBrowserRouter([
  {
    element: <Root />,
    errorElement: <RouteFailed />,
    HydrateFallback: () => null,
    children: [
      { path: '/sign-in', lazy: page(() => import('./signin/SignIn')) },
      {
        element: <SignedIn />,
        children: [
          { path: '/', lazy: page(() => import('./workflows/Workflows')) },
          { path: '/workflows/:id', lazy: page(() => import('./ide/Ide')) },
          {
            path: '/workflows/:id/versions',
            lazy: page(() => import('./versions/VersionsPage')),
            ...ahead((workflow) => queryClient.query(outlineQuery(workflow))),
          },
          { path: '/workflows/:id/store', lazy: page(() => import('./store/StorePage')) },
          { path: '/workflows/:id/compare/:before/:after', lazy: page(() => import('./compare/Compare')) },
          {
            path: '/workflows/:id/metrics',
            lazy: page(() => import('./metrics/Metrics')),
            ...ahead((workflow) => queryClient.query(trendsQuery(workflow))),
          },
          { path: '/workflows/:id/explore/:dashboard?', lazy: page(() => import('./explore/ExplorePage')) },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
])

reloadWhenOutdated()

const root = document.getElementById('root')
if (!root) throw new Error('The page has no element with the id "root".')

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
