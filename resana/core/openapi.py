"""OpenAPI, made from the doors and the models themselves: `/api/v1/openapi.json`."""

from __future__ import annotations

import functools
import re
from typing import Any, Literal

from flask import Blueprint, Flask, Response, current_app, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from .api import Dialect
from .guarding import PUBLIC, Door, guard

bp = Blueprint("openapi", __name__, url_prefix="/api/v1")

ANSWERS = {
    400: "Malformed",
    401: "Not signed in",
    403: "Seen but not allowed, or a wrong CSRF token",
    404: "Not there, or not visible",
    409: "Conflict",
    412: "Stale",
    413: "Too large",
    415: "Wrong type",
    422: "Invalid",
    429: "Too many",
    507: "No room",
}


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


@bp.get("/openapi.json")
@guard(PUBLIC)
def description() -> Response:
    """The whole interface, for programs that write programs."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    answer = jsonify(describe(app))
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@functools.lru_cache(maxsize=4)
def describe(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`."""
    doors = [(rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules() if _is_call(rule)]
    spoken: list[Dialect] = [view.dialect for _rule, view in doors if hasattr(view, "dialect")]
    models: dict[type[BaseModel], Literal["validation", "serialization"]] = {Problem: "serialization"}
    for dialect in spoken:
        for model in (dialect.gives, *dialect.other.values()):
            if model is not None:
                models[model] = "serialization"
        if dialect.takes is not None:
            models[dialect.takes] = "validation"
    references, schemas = models_json_schema(
        list(models.items()),
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for rule, view in sorted(doors, key=lambda pair: pair[0].rule):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule, view, method, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Resana", "version": "1", "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "resana_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{"cookie": []}, {"token": []}],
    }


def _is_call(rule: Rule) -> bool:
    return rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")


def _operation(rule: Rule, view: Any, method: str, references: dict[Any, Any]) -> dict[str, Any]:
    door: Door = view.door
    dialect: Dialect | None = getattr(view, "dialect", None)
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}",
        "summary": (view.__doc__ or "").strip().split("\n")[0],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in sorted(rule.arguments)
        ],
        "responses": {
            str(status): {
                "description": words,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, words in ANSWERS.items()
        },
    }
    if door.right is PUBLIC:
        operation["security"] = []
    if dialect is None:
        operation["responses"]["200"] = {"description": "OK"}
        if door.body == "stream":
            media = "multipart/form-data" if method == "POST" else "application/octet-stream"
            operation["requestBody"] = {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}
        return operation
    if dialect.query is not None:
        schema = dialect.query.model_json_schema()
        operation["parameters"] += [
            {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": one}
            for name, one in schema["properties"].items()
        ]
    if dialect.takes is not None:
        content = {"application/json": {"schema": references[dialect.takes, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    for status, model in ((dialect.status, dialect.gives), *dialect.other.items()):
        answer: dict[str, Any] = {"description": "OK"}
        if model is not None:
            answer["content"] = {"application/json": {"schema": references[model, "serialization"]}}
        operation["responses"][str(status)] = answer
    return operation


def init_app(app: Flask) -> None:
    """Add the door."""
    app.register_blueprint(bp)
