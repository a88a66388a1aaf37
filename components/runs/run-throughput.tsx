'use client'

import { useState } from 'react'
import { Panel } from '@/components/ui/panel'
import { TimeChart } from '@/components/ui/chart/time-chart'
import type { RunActivity } from '@/lib/runs/read/activity-detail'
import type { RunDetail } from '@/lib/runs/read/run-detail'

/** Rows and bytes per second over the run, all activities together; both charts share their crosshair. */
export function RunThroughput({ run }: { run: RunDetail }) {
  const [pointed, setPointed] = useState<number | null>(null)
  const { times, rows, bytes } = totalRates(run.activities)
  if (times.length < 2) return null
  const hasRows = rows.some((rate) => rate > 0)
  return (
    <Panel title="Throughput">
      <div className="grid gap-6 lg:grid-cols-2">
        {hasRows ? (
          <TimeChart
            label="Rows per second"
            unit="rowsPerSecond"
            pointed={pointed}
            onPoint={setPointed}
            times={times}
            series={[{ id: 'rows', label: 'Rows', hue: 1, total: true, points: rows }]}
          />
        ) : null}
        <TimeChart
          label="Bytes per second"
          unit="bytesPerSecond"
          pointed={pointed}
          onPoint={setPointed}
          times={times}
          series={[{ id: 'bytes', label: 'Bytes', hue: 1, total: true, points: bytes }]}
        />
      </div>
    </Panel>
  )
}

/** Samples are taken on the second, so activities that run side by side add up. */
function totalRates(activities: readonly RunActivity[]) {
  const totals = new Map<number, { rows: number; bytes: number }>()
  for (const { atMs, rowsPerSecond, bytesPerSecond } of activities.flatMap(({ rates }) => rates)) {
    const sum = totals.get(atMs) ?? { rows: 0, bytes: 0 }
    totals.set(atMs, { rows: sum.rows + rowsPerSecond, bytes: sum.bytes + bytesPerSecond })
  }
  const times = [...totals.keys()].toSorted((a, b) => a - b)
  return {
    times,
    rows: times.map((time) => totals.get(time)?.rows ?? 0),
    bytes: times.map((time) => totals.get(time)?.bytes ?? 0),
  }
}
