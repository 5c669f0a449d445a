// The addresses of dashboards and of their snapshots.

export const dashboardAddress = (workflow: string, dashboard: string): string =>
  `/workflows/${workflow}/explore/${dashboard}`

/** In full, to be given to somebody. */
export const snapshotAddress = (workflow: string, dashboard: string, number: number): string =>
  `${location.origin}${dashboardAddress(workflow, dashboard)}?snapshot=${number}`

/** The number of the snapshot that an address names, or null. */
export function numberIn(params: URLSearchParams): number | null {
  const number = Number(params.get('snapshot') ?? NaN)
  return Number.isInteger(number) && number > 0 ? number : null
}
