"""Assertions of the build: a computed total against a figure that is known from elsewhere."""

from __future__ import annotations

from tables import BuildError


def expect(what: str, found: float, wanted: float, tolerance: float) -> None:
    """Prints the figure and fails when it differs from the wanted one by more than `tolerance` (relative)."""
    print(f"    check {what}: {found:,.6g} (expected {wanted:,.6g})")
    if abs(found - wanted) > tolerance * abs(wanted):
        raise BuildError(f"{what} is {found}, expected {wanted} within {tolerance:.3%}")
