"""What a server loads: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from resana import create_app

app = create_app()
