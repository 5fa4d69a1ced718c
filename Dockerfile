# The mock server in a container: docker build -t billecta-mock . && docker run -p 127.0.0.1:8080:8080 billecta-mock
FROM python:3.11-slim

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin mock
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY spec spec
COPY mock_server mock_server
COPY contract_tests contract_tests
RUN python -m pip install --no-cache-dir --constraint constraints.txt ".[tls,fast]"

USER 10001
WORKDIR /tmp
# Other machines reach a container, so the control plane asks for a token: BILLECTA_MOCK_ADMIN_TOKEN, or one that the log shows.
ENV BILLECTA_MOCK_HOST=0.0.0.0 PYTHONUNBUFFERED=1
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/__admin/health', timeout=2)"]
ENTRYPOINT ["billecta-mock"]
