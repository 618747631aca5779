"""Mails: written in the transaction of what causes them, sent by the worker; in development they are read on
a page.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import gettext as _
from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from .actions import action
from .clock import now
from .columns import Key
from .database import Base, Moment, session
from .errors import NotThere
from .guarding import PUBLIC, guard
from .jobs import enqueue, job
from .text import new_id

TIMEOUT_S = 20
PAGE = 100

log = logging.getLogger(__name__)
bp = Blueprint("mail", __name__)


class KeptMail(Base):
    """A mail that development keeps instead of sending it."""

    __tablename__ = "kept_mails"

    id: Mapped[Key]
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment, default=now)


def send(to: str, subject: str, body: str) -> None:
    """Have a plain-text mail sent once the present action is committed. A repeated try keeps its Message-ID."""
    domain = urlsplit(current_app.config["SETTINGS"].address).hostname or "localhost"
    enqueue(
        "mail",
        {"to": to, "subject": " ".join(subject.split()), "body": body, "message_id": f"<{new_id()}@{domain}>"},
    )


def letter(name: str, *paragraphs: str) -> str:
    """The body of every mail: a greeting, what there is to say, a last word."""
    end = _("Ce courriel vous est envoyé par Resana. Il est inutile d’y répondre.")
    return "\n\n".join([_("Bonjour %(name)s,", name=name), *filter(None, paragraphs), end]) + "\n"


def address_of(endpoint: str, **parameters: str) -> str:
    """A page's address, built from the settings: what a request says of its host could be anybody's."""
    path = current_app.url_map.bind("localhost").build(endpoint, parameters)
    return f"{current_app.config['SETTINGS'].address}{path}"


@job("mail")
def deliver(payload: dict[str, Any]) -> None:
    """Send one mail through SMTP; without an SMTP server, keep it (development) and log it."""
    settings = current_app.config["SETTINGS"]
    if not settings.smtp_url:
        if settings.production:
            raise RuntimeError("RESANA_SMTP_URL is not set: the mail stays in the queue")
        log.info("mail to %s: %s\n%s", payload["to"], payload["subject"], payload["body"])
        _keep(payload)
        return
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = payload["to"]
    message["Subject"] = payload["subject"]
    message["Message-ID"] = payload["message_id"]
    message["Date"] = now()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(payload["body"])
    url = urlsplit(settings.smtp_url)
    host, port = url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 25)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with connect(host, port, timeout=TIMEOUT_S) as server:
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


@action
def _keep(payload: dict[str, Any]) -> None:
    known = session.execute(select(KeptMail.id).where(KeptMail.message_id == payload["message_id"])).first()
    if known is None:
        session.add(
            KeptMail(
                message_id=payload["message_id"],
                recipient=payload["to"],
                subject=payload["subject"],
                body=payload["body"],
            )
        )


@bp.get("/dev/mails")
@guard(PUBLIC)
def outbox() -> str:
    """The mails that were not sent, newest first. In development only."""
    if current_app.config["SETTINGS"].production:
        raise NotThere
    mails = session.execute(select(KeptMail).order_by(KeptMail.id.desc()).limit(PAGE)).scalars().all()
    return render_template("core/mails.html", mails=mails)


def init_app(app: Flask) -> None:
    """Add the page of kept mails."""
    app.register_blueprint(bp)
