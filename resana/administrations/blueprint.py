"""The pages and the calls of this package hang here."""

from flask import Blueprint

bp = Blueprint("administrations", __name__)
api = Blueprint("administrations_api", __name__, url_prefix="/api/v1")
