"""The pages and the calls of this package hang here."""

from flask import Blueprint

bp = Blueprint("spaces", __name__)
api = Blueprint("spaces_api", __name__, url_prefix="/api/v1")
