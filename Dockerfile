# One image for the gateway and for all subgraphs; docker-compose.yml says which command a container runs.
FROM node:24-slim

WORKDIR /app
ENV NODE_ENV=production

# What is installed changes less often than the sources, so it is a layer of its own. local/ is not part of the image, so what
# only a single machine needs (PostgreSQL from npm, the embedded Redis) is not installed.
COPY package.json package-lock.json ./
COPY kit/package.json kit/
COPY gateway/package.json gateway/
COPY subgraphs/package.json subgraphs/
COPY local/package.json local/
RUN npm ci --omit=dev --workspace=kit --workspace=gateway --workspace=subgraphs && npm cache clean --force

COPY kit kit
COPY gateway gateway
COPY subgraphs subgraphs
COPY schema schema
COPY edge edge
COPY gateway.config.ts ./

USER node
EXPOSE 4000 4101 4102 4103 4104 4105
CMD ["node", "gateway/index.ts", "--supergraph", "schema/supergraph.graphql", "--config", "gateway.config.ts", "--port", "4000"]
