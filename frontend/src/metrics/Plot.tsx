// A Plotly chart in the colours of the theme: it fits its place, is named for those who cannot see it, and leaves nothing behind.

import { Button, Skeleton, useComputedColorScheme } from '@mantine/core'
import { useEffect, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react'
import { messageOf } from '../core/api'
import { fonts } from '../core/theme'
import { Empty } from '../ide/Empty'
import { loadPlotly, type AxisLayout, type Drawn, type Layout, type Plotly, type Trace } from './plotly'
import styles from './Plot.module.css'

export interface Figure {
  traces: readonly Trace[]
  layout: Layout
}

/** What can be asked of a chart that is drawn. */
export interface PlotHandle {
  image: (format: 'png' | 'svg') => Promise<string>
}

interface Props {
  /** Made with the colours as they are now: Plotly knows no CSS variables. */
  figure: (colour: (name: string) => string) => Figure
  label: string
  handle?: Ref<PlotHandle>
  height?: number
  onClick?: (datum: number) => void
  onRange?: (changes: Record<string, unknown>) => void
  onKeyDown?: (event: KeyboardEvent) => void
}

const IMAGE_SCALE = 2

export function Plot({ figure, label, handle, height, onClick, onRange, onKeyDown }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const [plotly, setPlotly] = useState<Plotly | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [drawn, setDrawn] = useState(false)
  const scheme = useComputedColorScheme()
  const listeners = useRef({ onClick, onRange })
  useEffect(() => {
    listeners.current = { onClick, onRange }
  }, [onClick, onRange])

  const load = () => void loadPlotly().then((loaded) => setPlotly(loaded), setError)
  useEffect(load, [])

  useEffect(() => {
    const element = place.current
    if (!plotly || !element) return
    const { traces, layout } = figure(themeColour)
    void plotly.react(element, traces, inTheme(layout), CONFIG).then((graph) => {
      listen(graph, listeners)
      setDrawn(true)
    }, setError)
    // The scheme is no argument of the figure's, but its colours are.
  }, [plotly, figure, scheme, height])

  useEffect(() => {
    const element = place.current
    if (!plotly || !element) return
    // It tells of the size at first too, in which the chart is being drawn: once is enough.
    let [width, height] = [element.clientWidth, element.clientHeight]
    const observer = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = element
      if (clientWidth === 0 || (clientWidth === width && clientHeight === height)) return
      ;[width, height] = [clientWidth, clientHeight]
      void plotly.Plots.resize(element)
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      plotly.purge(element)
    }
  }, [plotly])

  useImperativeHandle(handle, () => ({
    image: async (format) => {
      const element = place.current
      if (!plotly || !element) throw new Error('The chart is not drawn yet. Wait for it, then try again.')
      const { clientWidth: width, clientHeight } = element
      return plotly.toImage(element, {
        format,
        width,
        height: clientHeight,
        ...(format === 'png' ? { scale: IMAGE_SCALE } : {}),
      })
    },
  }))

  if (error !== null)
    return (
      <Empty title="The chart could not be drawn" text={messageOf(error)}>
        <Button
          mt="sm"
          variant="default"
          onClick={() => {
            setError(null)
            load()
          }}
        >
          Try again
        </Button>
      </Empty>
    )
  return (
    <div
      className={styles.frame}
      style={height === undefined ? undefined : { height }}
      role="group"
      aria-label={label}
      tabIndex={onKeyDown ? 0 : undefined}
      onKeyDown={onKeyDown}
      data-testid="plot"
      data-drawn={drawn || undefined}
    >
      {!drawn && <Skeleton className={styles.waiting} height="100%" animate={false} />}
      <div ref={place} className={styles.plot} aria-hidden />
    </div>
  )
}

const CONFIG = {
  displaylogo: false,
  displayModeBar: false,
  responsive: false,
  doubleClick: 'autosize',
  scrollZoom: false,
}

const themeColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--hx-${name}`).trim()

function listen(
  graph: Drawn & { heard?: boolean },
  listeners: { current: { [Name in 'onClick' | 'onRange']: Props[Name] | undefined } },
): void {
  if (graph.heard) return
  graph.heard = true
  graph.on('plotly_click', ({ points }) => {
    const datum = points[0]?.customdata
    if (datum !== undefined && datum !== null) listeners.current.onClick?.(datum)
  })
  graph.on('plotly_relayout', (changes) => listeners.current.onRange?.(changes))
}

const FONT = 12

/** The layout with the theme's colours, hairlines and fonts wherever it says nothing else. */
function inTheme(layout: Layout): object {
  const grid = themeColour('border')
  const axis = (given: AxisLayout): object => ({
    gridcolor: grid,
    linecolor: grid,
    zerolinecolor: grid,
    tickfont: { size: FONT - 1, color: themeColour('text-dim') },
    zeroline: false,
    ...given,
    ...(given.title ? { title: { ...given.title, font: { size: FONT, color: themeColour('text-dim') } } } : {}),
  })
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis/.test(name))
  return {
    autosize: true,
    paper_bgcolor: themeColour('bg'),
    plot_bgcolor: themeColour('bg'),
    font: { family: fonts.sans, size: FONT, color: themeColour('text') },
    hovermode: 'closest',
    hoverlabel: {
      bgcolor: themeColour('bg-raised'),
      bordercolor: themeColour('border-strong'),
      font: { family: fonts.sans, size: FONT, color: themeColour('text') },
      align: 'left',
    },
    legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', font: { color: themeColour('text-dim') } },
    margin: { l: 64, r: 24, t: 32, b: 44 },
    uirevision: 'kept',
    ...layout,
    ...Object.fromEntries(axes.map(([name, given]) => [name, axis(given as AxisLayout)])),
  }
}
