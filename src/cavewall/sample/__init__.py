"""The sample collection: some hundred pictures drawn by code, with captions and swap queries."""

from __future__ import annotations

from cavewall.sample.collection import SampleReport, draw_sample

__all__ = ["SampleReport", "draw_sample"]
