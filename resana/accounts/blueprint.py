"""The pages and the calls of this package hang here."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
api = Blueprint("accounts_api", __name__, url_prefix="/api/v1")
