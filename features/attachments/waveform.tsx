import { clsx } from 'clsx'

type Props = {
  /** From 0 to 100. */
  values: readonly number[]
  /** From 0 to 1: what has been heard is stronger. */
  played: number
}

/** The loudness of a voice message as bars. */
export function Waveform({ values, played }: Props) {
  return (
    <svg
      viewBox={`0 0 ${values.length * 3} 32`}
      preserveAspectRatio="none"
      aria-hidden
      className="block size-full"
    >
      {values.map((value, index) => {
        const height = 2 + (Math.min(100, Math.max(0, value)) / 100) * 28
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={index}
            x={index * 3}
            y={16 - height / 2}
            width={2}
            height={height}
            rx={1}
            className={clsx(index < played * values.length ? 'fill-accent' : 'fill-line-hover')}
          />
        )
      })}
    </svg>
  )
}
