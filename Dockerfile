# One image per service, all from the same layers: `docker build --target gateway .` (or storage-node, coordinator, standalone,
# which is the default). Node runs as process 1 and handles SIGTERM itself; it starts no children, so no init is needed.
FROM node:24-bookworm-slim AS base
WORKDIR /app

# Optional packages are a second Node and the binaries of test tools; install scripts would only download more of them.
FROM base AS dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY libs libs
COPY apps apps
RUN npm run build

FROM base AS runtime
LABEL org.opencontainers.image.title="HyperCache" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=4 \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    HC_HOST=0.0.0.0 \
    HC_ADMIN_PORT=6380 \
    HC_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY configs configs
COPY infra/docker/healthcheck.mjs infra/docker/own-folder.sh ./
USER node
VOLUME /data
EXPOSE 6380
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["node", "healthcheck.mjs"]

FROM runtime AS coordinator
CMD ["node", "dist/apps/coordinator/src/main.js"]

FROM runtime AS storage-node
CMD ["node", "dist/apps/storage-node/src/main.js"]

FROM runtime AS gateway
EXPOSE 6379 8080
CMD ["node", "dist/apps/gateway/src/main.js"]

FROM runtime AS standalone
EXPOSE 6379 8080
CMD ["node", "dist/apps/standalone/src/main.js"]
