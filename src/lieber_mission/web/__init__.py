"""Desks: pages as people work. A view fetches by a query and renders; nothing here touches rows."""
