// Plotly's cartesian bundle, loaded when the first chart is drawn; typed as far as it is used here.

export interface Trace {
  type: 'scatter'
  name: string
  x: readonly (number | null)[]
  y: readonly (number | null)[]
  mode: 'lines' | 'markers' | 'lines+markers' | 'markers+text'
  /** What a click and a hover give back of a point. */
  customdata?: readonly (number | null)[]
  hovertemplate?: string | readonly string[]
  hoverinfo?: 'skip'
  text?: readonly string[]
  textposition?: string
  textfont?: { color?: string; size?: number }
  xaxis?: string
  yaxis?: string
  legendgroup?: string
  showlegend?: boolean
  opacity?: number
  connectgaps?: boolean
  /** Whether what hangs over the edge of its panel is cut. */
  cliponaxis?: boolean
  line?: { color?: string; width?: number; dash?: string; shape?: 'linear' | 'hv' | 'vh'; simplify?: boolean }
  marker?: {
    color?: string
    size?: number
    symbol?: string | readonly string[]
    line?: { color?: string; width?: number }
  }
}

export interface AxisLayout {
  title?: { text: string; standoff?: number; font?: { size: number } }
  type?: 'linear' | 'log'
  range?: readonly [number, number]
  /** What a person did to the axis is kept as long as this stays the same. */
  uirevision?: string
  domain?: [number, number]
  anchor?: string
  matches?: string
  tickmode?: 'array'
  tickvals?: readonly number[]
  ticktext?: readonly string[]
  tickprefix?: string
  tickformat?: string
  ticksuffix?: string
  side?: 'top' | 'bottom'
  showticklabels?: boolean
  showgrid?: boolean
  zeroline?: boolean
  fixedrange?: boolean
  automargin?: boolean
  dtick?: number
  nticks?: number
}

export interface Annotation {
  x: number
  y: number
  xref?: string
  yref?: string
  text: string
  showarrow: boolean
  xanchor?: 'left' | 'center' | 'right'
  yanchor?: 'top' | 'middle' | 'bottom'
  xshift?: number
  yshift?: number
  bgcolor?: string
  font?: { color?: string; size?: number }
}

export interface Layout {
  [axis: `xaxis${string}` | `yaxis${string}`]: AxisLayout
  shapes?: readonly {
    type: 'line'
    x0: number
    x1: number
    y0: number
    y1: number
    line: { color: string; width: number; dash?: string }
  }[]
  annotations?: readonly Annotation[]
  showlegend?: boolean
  legend?: { orientation: 'h'; x: number; xanchor: 'left' | 'right'; y: number; yanchor: 'bottom' }
  hovermode?: 'closest' | false
  dragmode?: 'zoom' | 'pan' | false
  margin?: { l: number; r: number; t: number; b: number }
}

export interface PlotEvent {
  points: { customdata?: number | null }[]
}

/** An element that Plotly has drawn into. */
export interface Drawn extends HTMLElement {
  on(event: 'plotly_click' | 'plotly_hover' | 'plotly_unhover', listener: (event: PlotEvent) => void): void
  on(event: 'plotly_relayout', listener: (changes: Record<string, unknown>) => void): void
}

export interface Plotly {
  react(element: HTMLElement, data: readonly Trace[], layout: object, config: object): Promise<Drawn>
  purge(element: HTMLElement): void
  toImage(
    element: HTMLElement,
    options: { format: 'png' | 'svg'; width: number; height: number; scale?: number },
  ): Promise<string>
  Plots: { resize(element: HTMLElement): Promise<void> }
}

let loading: Promise<Plotly> | null = null

/** Resolves to Plotly; asks again after a failure, since the server may have been away for a moment. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= import('plotly.js-cartesian-dist-min').then(
    (module) => module.default as Plotly,
    (error: unknown) => {
      loading = null
      throw error
    },
  )
  return loading
}
