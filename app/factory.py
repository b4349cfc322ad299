"""Builds the application: settings in, parts wired, features registered."""

from __future__ import annotations

from datetime import timedelta
from multiprocessing.util import Finalize
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import auth, commands, health, i18n, jobs, openapi, pages, rendering, security, telemetry
from app.accounts import cli as accounts_cli
from app.accounts import web as accounts_web
from app.accounts.service import Directory
from app.capture import api as capture_api
from app.capture import cli as capture_cli
from app.capture import jobs as capture_jobs
from app.catalogue import api as catalogue_api
from app.catalogue.service import list_products
from app.db import connect
from app.demo import cli as demo_cli
from app.demo import web as demo_web
from app.issuing import api as issuing_api
from app.issuing import web as issuing_web
from app.keyring import log_signer, log_witnesses
from app.print_quality import web as print_quality_web
from app.recall import api as recall_api
from app.recall import web as recall_web
from app.redaction import api as redaction_api
from app.redaction import cli as redaction_cli
from app.redaction import jobs as redaction_jobs
from app.resolver import api as resolver_api
from app.runtime import Runtime
from app.settings import Settings
from app.signing import api as signing_api
from app.transparency import api as transparency_api
from app.transparency import web as transparency_web
from app.verify import web as verify_web
from ledger.tiles import TileStore
from scanner.header import Limits
from scanner.pool import DecoderPool

# Features register here, low to high.
BLUEPRINTS = (
    accounts_web.bp,
    catalogue_api.bp,
    issuing_api.bp,
    print_quality_web.bp,
    issuing_web.bp,
    capture_api.bp,
    signing_api.bp,
    redaction_api.bp,
    transparency_api.bp,
    transparency_web.bp,
    resolver_api.bp,
    recall_api.bp,
    recall_web.bp,
    verify_web.bp,
    demo_web.bp,
    openapi.bp,
    health.bp,
    pages.bp,
)
COMMANDS = (
    accounts_cli.group,
    capture_cli.group,
    demo_cli.group,
    redaction_cli.redact,
    commands.database,
    commands.backup,
    commands.restore,
    commands.compare,
)


def build_runtime(settings: Settings) -> Runtime:
    """Open the parts that a running service holds; nothing is started yet."""
    return Runtime(
        settings=settings,
        db=connect(settings.database_url),
        signer=log_signer(settings),
        tiles=TileStore(settings.data_dir / "tiles"),
        decoders=DecoderPool(
            settings.decoder_processes,
            settings.decoder_timeout,
            limits=Limits(settings.max_photo_bytes, settings.max_photo_pixels),
        ),
        witnesses=log_witnesses(settings),
        more_steps=(redaction_jobs.scrub,),
    )


def create_app(settings: Settings | None = None, parts: Runtime | None = None) -> Flask:
    """Build an application from settings, or over the parts of a runtime made by the caller."""
    rt = parts or build_runtime(settings or Settings())
    app = Flask("app", static_folder=str(Path(__file__).parent.parent / "static"))
    app.config.update(
        SECRET_KEY=rt.settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="nguon_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=rt.settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.extensions["nguon"] = rt
    telemetry.init_app(app)
    rendering.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    auth.init_app(app, Directory())
    accounts_web.init_app(app, list_products)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for group in COMMANDS:
        commands.say_refusals(group)
        app.cli.add_command(group)
    hops = rt.settings.trusted_proxies
    if hops:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    return app


def start(app: Flask) -> None:
    """Begin to serve: configure logs, check the log against its checkpoint, start the workers."""
    rt: Runtime = app.extensions["nguon"]
    telemetry.configure_logging(rt.settings.log_level)
    commands.require_schema(rt)
    commands.recover_log(rt)
    verify_web.start(app)
    if rt.settings.jobs == "thread":
        worker = capture_jobs.worker(rt)
        jobs.init_app(app, worker)
        worker.start()
        # Servers run their workers as multiprocessing children, which end without atexit.
        Finalize(None, worker.stop, exitpriority=20)
