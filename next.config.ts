import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'standalone',
  // Fixed, because a lock file in a folder above would make Next.js take that one for the project's.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
  // `npm test` type-checks the whole tree once, so the build does not do it again.
  typescript: { ignoreBuildErrors: true },
  outputFileTracingExcludes: { '*': ['backend/**', 'bench/**', 'e2e/**', 'data/**', '.build/**'] },
}

export default config
