type Props = { size?: number }

/** Three lines of a message: long, middle, short. */
export function Logo({ size = 28 }: Props) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="shrink-0 text-accent">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <path
        d="M8 10.5h16M8 16h11M8 21.5h6"
        stroke="var(--accent-on)"
        strokeWidth="2.75"
        strokeLinecap="round"
      />
    </svg>
  )
}
