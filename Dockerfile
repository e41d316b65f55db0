# The service without a database; compose.yaml adds one.
FROM debian:bookworm-slim
WORKDIR /service
COPY . .
# bootstrap.sh installs no PostgreSQL where an address names one; nothing connects while the image is built.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && GIS_SERVICE_DATABASE_URL=postgresql://database/gis_service scripts/bootstrap.sh \
    && rm -rf /var/lib/apt/lists/* node_modules \
    && useradd --create-home service
USER service
EXPOSE 8000
CMD ["scripts/serve.py", "--host", "0.0.0.0"]
