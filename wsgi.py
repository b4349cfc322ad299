"""Entry of a WSGI server: ``granian --interface wsgi wsgi:app``."""

from app.factory import create_app, start

app = create_app()
start(app)
