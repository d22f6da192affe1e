# One image for both forms: without settings it runs everything with its data in the volume /data; with
# NEXT_PUBLIC_SUPABASE_URL and NEXT_PUBLIC_SUPABASE_ANON_KEY it is the front end of that Supabase and keeps nothing.
# Nothing of an installation is built in: browsers read address and key at run time.

FROM node:24-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
# Installed before the sources are there, so that a change of them installs nothing again.
COPY package.json package-lock.json ./
COPY patches ./patches
RUN npm ci --no-audit --no-fund
COPY . .
# Next.js' standalone output, the backend as one file, and of node_modules what these two ask for.
RUN node bin/pack.mjs /packed

FROM node:24-bookworm-slim
# PostgreSQL wants its user to have a name.
RUN groupadd --gid 1001 nodejs \
  && useradd --uid 1001 --gid nodejs --home-dir /data --no-create-home --shell /usr/sbin/nologin nextjs \
  && install --directory --owner=1001 --group=1001 --mode=0700 /data
WORKDIR /app
# Root's, and so nothing that the product itself could change.
COPY --from=build /packed ./
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 PORT=3000 DATA_DIR=/data
USER 1001:1001
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/start.mjs"]
