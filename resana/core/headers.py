"""What every answer tells the browser not to do.

Each header is a default: an answer that has set its own keeps it, as a download does with its `sandbox` policy.
"""

from __future__ import annotations

from flask import Flask, Response, current_app

from resana.core.assets import import_map_hash, progress_bar_hash

# Nothing of the machine is asked for; what is not named here falls back on the same origin.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    )
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}


def init_app(app: Flask) -> None:
    """Put the headers on every answer of this application; call it before whatever else changes answers."""
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Add what the answer has not set itself."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = content_security_policy()
    if current_app.config.get("ENV") == "production":
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    # One person's page must never be another's, in whatever stands between them (CVE-2026-27205; Zulip, 18 March 2021).
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
    return response


def content_security_policy() -> str:
    """Return the policy of pages: our own files, the import map, and the style of Turbo's progress bar.

    Hashes, not nonces: Turbo swaps pages within one document, whose first policy stays in force.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {import_map_hash()}",
            f"style-src 'self' {progress_bar_hash()}",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
