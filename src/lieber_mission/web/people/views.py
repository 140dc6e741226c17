"""Log in, log out, and the first page."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

log_in = LoginView.as_view(template_name="people/log_in.html", redirect_authenticated_user=True)
log_out = LogoutView.as_view()


def home(_request: HttpRequest) -> HttpResponse:
    """The figures are what people come for."""
    return redirect("figures")
