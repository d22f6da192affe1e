import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'standalone',
  // Fixed, because a lock file in a folder above would make Next.js take that one for the project's.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: {
    root: import.meta.dirname,
    rules: {
      '*.json': {
        condition: { path: /^locales\/.+\.json$/ },
        loaders: ['./lib/messages-loader.mjs'],
        as: '*.js',
      },
    },
    // What browsers would load and never use: see the comment in each stand-in.
    resolveAlias: {
      'use-intl/format-message': 'use-intl/format-message/format-only',
      entities: './lib/markdown/entities.ts',
      mdurl: './lib/markdown/addresses.ts',
      'punycode.js': './lib/markdown/addresses.ts',
      '@supabase/auth-js': { browser: './lib/supabase/auth.ts' },
      '@supabase/realtime-js': { browser: './lib/supabase/realtime.ts' },
      '@supabase/storage-js': './lib/supabase/unused.ts',
      '@supabase/functions-js': './lib/supabase/unused.ts',
    },
  },
  poweredByHeader: false,
  // `npm test` type-checks the whole tree once, so the build does not do it again.
  typescript: { ignoreBuildErrors: true },
  outputFileTracingExcludes: { '*': ['backend/**', 'bench/**', 'e2e/**', 'data/**', '.build/**'] },
}

export default config
