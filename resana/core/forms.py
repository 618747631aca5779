"""Forms of pages. The guard has checked the CSRF token before a form sees anything."""

from __future__ import annotations

from flask_wtf import FlaskForm

from .errors import No


class Form(FlaskForm):
    """A form that is filled from the present request."""

    class Meta:
        """The token is the guard's matter; templates write it by `csrf()`."""

        csrf = False


def tell(form: FlaskForm, no: No) -> bool:
    """Put what an action refused at the field it names; False where the form has no such field."""
    if no.field is None or no.field not in form:
        return False
    form[no.field].errors = [*form[no.field].errors, no.detail]
    return True
