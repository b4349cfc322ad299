"""Structured logs without personal data, and metrics for Prometheus."""

from __future__ import annotations

import logging
import sys
from time import perf_counter

import orjson
import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "nguon_http_requests_total", "Answered requests.", ["endpoint", "status"], registry=REGISTRY
)
DURATION = Histogram(
    "nguon_http_request_seconds",
    "Time to answer, by endpoint.",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
VERDICTS = Counter("nguon_verdicts_total", "Verdicts given.", ["state"], registry=REGISTRY)
LOG_SIZE = Gauge("nguon_log_size", "Entries under the last signed checkpoint.", registry=REGISTRY)

log = structlog.get_logger()


def configure_logging(level: str) -> None:
    """Write one JSON object a line to standard error, from ``level`` up."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def start_clock() -> None:
    """Note when the request began."""
    g.started = perf_counter()


def observe(response: Response) -> Response:
    """Count and log the answer: the route's name, never its values, addresses or headers."""
    seconds = perf_counter() - g.get("started", perf_counter())
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, str(response.status_code)).inc()
    DURATION.labels(endpoint).observe(seconds)
    log.info(
        "request",
        method=request.method,
        endpoint=endpoint,
        status=response.status_code,
        ms=round(seconds * 1000, 2),
    )
    return response


def init_app(app: Flask) -> None:
    """Log and measure every request."""
    app.before_request(start_clock)
    app.after_request(observe)
